import { runCommand } from '../host-command.ts';
import { routeProtocol } from './names.ts';
import { type Observed, parseForwards, parseHost } from './observed.ts';

const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

/** Runs lines of `ip` in the host's namespace in one process; the first that fails ends it. */
export const ipBatch = async (lines: readonly string[]): Promise<void> => {
  if (lines.length > 0) await runCommand('ip', ['-batch', '-'], { input: text(lines) });
};

/** The same inside another namespace. */
export const ipBatchIn = async (namespaceFile: string, lines: readonly string[]): Promise<void> => {
  if (lines.length > 0) await runCommand('nsenter', [`--net=${namespaceFile}`, 'ip', '-batch', '-'], { input: text(lines) });
};

/** The same with IPv6 where a line does not say the family by itself. */
export const ip6BatchIn = async (namespaceFile: string, lines: readonly string[]): Promise<void> => {
  if (lines.length > 0) await runCommand('nsenter', [`--net=${namespaceFile}`, 'ip', '-6', '-batch', '-'], { input: text(lines) });
};

/** Runs lines of `bridge` in the host's namespace. */
export const bridgeBatch = async (lines: readonly string[]): Promise<void> => {
  if (lines.length > 0) await runCommand('bridge', ['-batch', '-'], { input: text(lines) });
};

const hostQuestions = text(['address show', `route show proto ${routeProtocol}`, 'neigh show nud permanent']);

/** What the host's namespace has, as the programs print it: equal when nothing changed. Without `remotes` forwarding entries are not asked for. */
export const lookAtHost = async (remotes: boolean): Promise<readonly [host: string, forwards: string]> =>
  Promise.all([
    runCommand('ip', ['-json', '-details', '-batch', '-'], { input: hostQuestions }).then((result) => result.stdout),
    remotes ? runCommand('bridge', ['-json', 'fdb', 'show']).then((result) => result.stdout) : '',
  ]);

/** What `lookAtHost` printed, as values. */
export const parseLook = ([host, forwards]: readonly [string, string]): Observed => ({
  ...parseHost(host),
  forwards: parseForwards(forwards),
});

/** What the host's namespace has. Without `remotes` the forwarding entries are not asked for, and empty. */
export const observeHost = async (remotes: boolean): Promise<Observed> => parseLook(await lookAtHost(remotes));
