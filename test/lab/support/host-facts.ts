import { join } from 'node:path';
import { pidsOf } from '../hosts/faults.ts';
import { readProc } from '../hosts/processes.ts';
import { nft } from '../hosts/wires.ts';
import { succeed } from './command.ts';
import type { LabHost } from './lab-host.ts';

/** Files that say what has happened: they may grow. */
const journals = ['/data/manager', '/data/events', '/run/manager'];

const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line.trim() !== '');

/** Of a rule set what does not count, and no flows that are under way. */
const stable = (ruleset: string): string =>
  ruleset.replaceAll(/counter packets \d+ bytes \d+/g, 'counter').replaceAll(/(map moved_flows \{[^{}]*?)\s*elements = \{[^{}]*\}/g, '$1');

/** Without the one of each kind that the agent keeps for its next changes, and lets go after a while. */
const lasting = (processes: readonly string[]): readonly string[] =>
  processes.filter((name, index) => !['ip', 'bridge'].includes(name) || processes.indexOf(name) !== index);

/**
 * Everything that containers and networks leave on a host, one line each, sorted: devices, addresses, routes, forwarding, rules, namespaces, mounts,
 * control groups, processes and files.
 */
export const factsOf = async (host: LabHost): Promise<readonly string[]> => {
  const here = async (what: string, program: string, ...args: readonly string[]): Promise<readonly string[]> =>
    lines(await host.run(program, args)).map((line) => `${what}: ${line.trim()}`);
  const net = join(host.pin, 'net');
  const found = await Promise.all([
    here('address', 'ip', '-brief', 'address'),
    here('route', 'ip', 'route', 'show', 'table', 'all'),
    here('rule', 'ip', 'rule'),
    here('neighbour', 'ip', 'neigh', 'show', 'nud', 'permanent'),
    here('forwarding', 'bridge', 'fdb', 'show'),
    succeed('nsenter', [`--net=${net}`, '--', nft, 'list', 'ruleset']).then((text) => [`ruleset: ${stable(text)}`]),
    here('mount', 'sh', '-c', "cut -d' ' -f5 /proc/self/mountinfo"),
    here('control group', 'find', '/sys/fs/cgroup', '-type', 'd', '-path', `*${host.cgroupParent}*`),
    here('file', 'find', host.runDir, host.dataDir, '-printf', '%p %y\\n'),
  ]);
  const processes = lasting(pidsOf(host).map((pid) => readProc(pid, 'comm').trim())).map((name) => `process: ${name}`);
  return [...found.flat(), ...processes].filter((fact) => !journals.some((name) => fact.includes(`${host.folder}${name}`))).toSorted();
};

/** What one list has more often than the other, each with a sign. */
export const differences = (before: readonly string[], after: readonly string[]): readonly string[] => {
  const counts = new Map<string, number>();
  for (const fact of before) counts.set(fact, (counts.get(fact) ?? 0) - 1);
  for (const fact of after) counts.set(fact, (counts.get(fact) ?? 0) + 1);
  return [...counts].flatMap(([fact, count]) => (count === 0 ? [] : [`${count > 0 ? `+${count}` : count} ${fact}`]));
};
