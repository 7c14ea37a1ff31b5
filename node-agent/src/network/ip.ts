import { runCommand } from '../host-command.ts';
import { routeProtocol } from './names.ts';
import { type Observed, parseDevices, parseForwards, parseNeighbours, parseRoutes } from './observed.ts';

const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

/** Runs lines of `ip` in the host's namespace in one process; the first that fails ends it. */
export const ipBatch = async (lines: readonly string[]): Promise<void> => {
  if (lines.length > 0) await runCommand('ip', ['-batch', '-'], { input: text(lines) });
};

/** The same inside another namespace. */
export const ipBatchIn = async (namespaceFile: string, lines: readonly string[]): Promise<void> => {
  if (lines.length > 0) await runCommand('nsenter', [`--net=${namespaceFile}`, 'ip', '-batch', '-'], { input: text(lines) });
};

/** Runs lines of `bridge` in the host's namespace. */
export const bridgeBatch = async (lines: readonly string[]): Promise<void> => {
  if (lines.length > 0) await runCommand('bridge', ['-batch', '-'], { input: text(lines) });
};

const ipJson = async (...args: readonly string[]): Promise<string> => (await runCommand('ip', ['-json', ...args])).stdout;

/** Names of the devices inside another namespace. */
export const deviceNamesIn = async (namespaceFile: string): Promise<readonly string[]> => {
  const { stdout } = await runCommand('nsenter', [`--net=${namespaceFile}`, 'ip', '-json', 'link', 'show']);
  return parseDevices(stdout).map((device) => device.name);
};

/** What the host's namespace has. Without `remotes` the neighbours and forwarding entries are not asked for, and empty. */
export const observeHost = async (remotes: boolean): Promise<Observed> => {
  const [devices, routes, neighbours, forwards] = await Promise.all([
    ipJson('-details', 'address', 'show'),
    ipJson('route', 'show', 'proto', String(routeProtocol)),
    remotes ? ipJson('neigh', 'show', 'nud', 'permanent') : '',
    remotes ? runCommand('bridge', ['-json', 'fdb', 'show']).then((result) => result.stdout) : '',
  ]);
  return {
    devices: parseDevices(devices),
    routes: parseRoutes(routes),
    neighbours: parseNeighbours(neighbours),
    forwards: parseForwards(forwards),
  };
};
