// How long from the leader knowing that a task serves, or is to serve no more, until every host has it in its names, its maps of virtual addresses and
// the rules of its published ports, or not any more.
//   sudo node test/bench/convergence.ts [--hosts 3] [--rounds 20]
// Figures are printed, never asserted.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { TaskState } from '@tso/proto';
import { ClusterLab } from '../lab/hosts/cluster-lab.ts';
import { eventually } from '../lab/support/eventually.ts';
import { server } from '../lab/support/rolling.ts';
import type { Sight } from './convergence-probe.ts';

const { values } = parseArgs({ options: { hosts: { type: 'string', default: '3' }, rounds: { type: 'string', default: '20' } } });
const [count, rounds] = [Number(values.hosts), Number(values.rounds)];
const goalMs = 100;

const stack = `
services:
  web:
    image: busybox:1
    command: ["/bin/sh", "-c", ${JSON.stringify(server)}]
    ports: ["8080:80"]
    x-tso-drain: 1s
    deploy: { replicas: 3 }
  client: { image: "busybox:1", stop_grace_period: 500ms, deploy: { mode: global } }
`;

interface Probe {
  readonly place: string;
  readonly kind: 'client' | 'host';
  readonly process: ChildProcess;
  readonly sights: Sight[];
}

const cluster = await ClusterLab.start({ managers: 1, workers: count - 1, agentArgs: [] });
const probes: Probe[] = [];
const m1 = cluster.host('m1');

const probe = (place: string, kind: Probe['kind'], enter: readonly string[], args: readonly string[]): void => {
  const run = [...enter, '--', process.execPath, '--no-warnings', join(import.meta.dirname, 'convergence-probe.ts'), ...args];
  const child = spawn('nsenter', run, { stdio: ['pipe', 'pipe', 'inherit'] });
  const sights: Sight[] = [];
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = `${rest}${chunk.toString()}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) sights.push(JSON.parse(line) as Sight);
  });
  probes.push({ place, kind, process: child, sights });
};

/** When each place first saw it as it is to be, after that instant. Milliseconds after it, by what was looked at. */
const seenAfter = async (
  sinceMs: number,
  addresses: readonly string[],
  isThere: boolean,
): Promise<ReadonlyMap<string, readonly number[]>> => {
  const times = new Map<string, number[]>();
  for (const { place, kind, sights } of probes) {
    for (const what of kind === 'client' ? (['names', 'rules'] as const) : (['rules'] as const)) {
      const sight = await eventually(
        `${place} sees ${addresses.join(', ')} ${isThere ? 'come' : 'go'} in its ${what}`,
        () =>
          sights.find(
            (one) =>
              one.kind === what &&
              one.atMs >= sinceMs &&
              one.addresses.length > 0 &&
              addresses.some((it) => one.addresses.includes(it)) === isThere,
          ),
        10_000,
      );
      const label = kind === 'host' ? 'published port' : what === 'names' ? 'name' : 'virtual address';
      times.set(label, [...(times.get(label) ?? []), sight.atMs - sinceMs]);
    }
  }
  return times;
};

/** When the leader wrote its last plan that was written after that instant and changes tasks: epoch milliseconds. */
const planAfter = (sinceMs: number): number => {
  const lines = readFileSync(join(m1.folder, 'tsod.log'), 'utf8').split('\n');
  for (const line of lines) {
    if (!line.includes('"plan committed"')) continue;
    const { time } = JSON.parse(line) as { readonly time: number | string };
    const atMs = typeof time === 'number' ? time : Date.parse(time);
    if (atMs >= sinceMs) return atMs;
  }
  throw new Error('the leader wrote no plan');
};

const figures = new Map<string, number[]>();
const note = (event: string, times: ReadonlyMap<string, readonly number[]>): void => {
  for (const [label, some] of times) figures.set(`${event}: ${label}`, [...(figures.get(`${event}: ${label}`) ?? []), ...some]);
};

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

try {
  await cluster.up('app', stack);
  for (const { host, pid } of await cluster.running('app', 'client'))
    probe(`client on ${host}`, 'client', ['--target', String(pid), '--net'], ['tasks.web']);
  for (const host of cluster.members) probe(host.name, 'host', [`--net=${join(host.pin, 'net')}`], []);
  await eventually('every client is answered', () => probes.every(({ kind, sights }) => kind === 'host' || sights.length > 0));
  const known = async () => new Map((await cluster.tasks('app', 'web')).map((task) => [task.id, task]));
  for (let round = 0; round < rounds; round += 1) {
    const before = await known();
    await m1.tsoOk(['scale', '-p', 'app', 'web=4']);
    const added = [...(await known()).values()].find(({ id, status }) => !before.has(id) && status.state === TaskState.RUNNING);
    if (added === undefined) throw new Error('no task was added');
    const addresses = added.networks.map(({ address }) => address);
    note('it serves', await seenAfter(added.meta.updatedAtMs, addresses, true));
    const beganAt = Date.now();
    await m1.tsoOk(['scale', '-p', 'app', 'web=3']);
    const left = await known();
    const gone = [...before.values(), added].find(({ id, status }) => status.state === TaskState.RUNNING && !left.has(id)) ?? added;
    note(
      'it is to stop',
      await seenAfter(
        planAfter(beganAt),
        gone.networks.map(({ address }) => address),
        false,
      ),
    );
  }
  console.log(`${count} hosts, ${rounds} rounds; milliseconds from the leader knowing until a host has it, goal ${goalMs}`);
  for (const [label, times] of figures) {
    const sorted = times.toSorted((a, b) => a - b);
    const show = (value: number): string => value.toFixed(0).padStart(5);
    console.log(
      `${label.padEnd(32)} median ${show(quantile(sorted, 0.5))}  p99 ${show(quantile(sorted, 0.99))}  most ${show(sorted.at(-1) ?? 0)}`,
    );
  }
} finally {
  for (const { process: child } of probes) child.stdin?.end();
  await cluster.destroy();
}
