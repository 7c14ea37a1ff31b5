// One manager and simulated agents: real gRPC sessions over mutual TLS on the loopback interface, tasks without containers.
//   node test/bench/agents.ts [--agents 2000] [--tasks 50] [--processes 2] [--seconds 15] [--services 100] [--network] [--format json] [--profile FOLDER]
// Figures are printed, never asserted. The agents share the processors with the manager; how much it took is printed too.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  emptyAttachment,
  emptyContainerSpec,
  emptyNetworkSpec,
  emptyServiceSpec,
  emptyTaskSpec,
  NodeState,
  type StackSpec,
} from '@tso/proto';
import { LoopbackSite, siteCluster } from '../consensus/loopback-site.ts';
import { ManagerProcess } from '../consensus/manager-process.ts';
import { eventually } from '../lab/support/eventually.ts';
import type { AgentsMessage, AgentsReport } from './agents-process.ts';
import { quantile } from './consensus-figures.ts';
import { cpuSeconds, residentMiB } from './process-facts.ts';

const text = (value: string) => ({ type: 'string', default: value }) as const;
const { values } = parseArgs({
  options: {
    agents: text('2000'),
    tasks: text('50'),
    processes: text('2'),
    seconds: text('15'),
    services: text('100'),
    network: { type: 'boolean', default: false },
    format: text('text'),
    profile: { type: 'string' },
  },
});
const agents = Number(values.agents);
const tasks = agents * Number(values.tasks);
const seconds = Number(values.seconds);
const managerId = 'manager';

interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: string;
}
const figures: Figure[] = [];
const figure = (what: string, value: number, unit: string, goal = ''): void => {
  figures.push({ what, value, unit, ...(goal === '' ? {} : { goal }) });
  if (values.format !== 'json')
    console.log(`${what.padEnd(62)} ${value.toFixed(value < 10 ? 2 : 0).padStart(8)} ${unit.padEnd(5)} ${goal}`.trimEnd());
};

/** Services of as many tasks as there are agents, or fewer. */
const load = (count: number): StackSpec => {
  const name = 'load';
  const services = Number(values.services);
  const networks = values.network
    ? Array.from({ length: services }, (_, index) => ({ ...emptyNetworkSpec, name: `${name}_n${index}` }))
    : [];
  return {
    name,
    volumes: [],
    files: [],
    networks,
    services: Array.from({ length: services }, (_, index) => ({
      ...emptyServiceSpec,
      name: `s${index}`,
      replicas: Math.floor((count + index) / services),
      task: {
        ...emptyTaskSpec,
        container: { ...emptyContainerSpec, image: 'busybox', args: ['sleep', 'infinity'] },
        networks: networks.slice(index, index + 1).map((network) => ({
          ...emptyAttachment,
          network: network.name,
        })),
      },
    })),
  };
};

const ask = async (child: ChildProcess): Promise<AgentsReport> => {
  child.send({ report: true } satisfies AgentsMessage);
  const [report] = (await once(child, 'message')) as [AgentsReport];
  return report;
};

interface Fleet {
  readonly connected: number;
  readonly tasks: number;
  readonly sessions: number;
  readonly refused: number;
  readonly broken: number;
  readonly heartbeatsMs: Float64Array;
  readonly pushesMs: Float64Array;
}

const sum = (reports: readonly AgentsReport[], of: (report: AgentsReport) => number): number =>
  reports.reduce((total, report) => total + of(report), 0);

const fleetReport = async (children: readonly ChildProcess[]): Promise<Fleet> => {
  const reports = await Promise.all(children.map(ask));
  return {
    connected: sum(reports, ({ connected }) => connected),
    tasks: sum(reports, (report) => report.tasks),
    sessions: sum(reports, ({ sessions }) => sessions),
    refused: sum(reports, ({ refused }) => refused),
    broken: sum(reports, ({ broken }) => broken),
    heartbeatsMs: Float64Array.from(reports.flatMap(({ heartbeatsMs }) => [...heartbeatsMs])),
    pushesMs: Float64Array.from(reports.flatMap(({ pushesMs }) => [...pushesMs])),
  };
};

const elapsed = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Polled that often: what is waited for is late by so much at most. */
const lookMs = 100;

const until = async (
  what: string,
  children: readonly ChildProcess[],
  holds: (fleet: Fleet) => boolean | Promise<boolean>,
  withinMs: number,
) => {
  const beganAt = performance.now();
  let last: Fleet | undefined;
  const heartbeats: Float64Array[] = [];
  const pushes: Float64Array[] = [];
  await eventually(
    what,
    async () => {
      await elapsed(lookMs);
      last = await fleetReport(children);
      heartbeats.push(last.heartbeatsMs);
      pushes.push(last.pushesMs);
      return holds(last);
    },
    withinMs,
  );
  return {
    tookMs: performance.now() - beganAt,
    fleet: last,
    heartbeatsMs: heartbeats.flatMap((some) => [...some]),
    pushesMs: pushes.flatMap((some) => [...some]),
  };
};

const folder = await mkdtemp(join(tmpdir(), 'tso-agents-'));
const site = await LoopbackSite.create([managerId]);
const profile = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(values.profile)}`];
const manager = new ManagerProcess({
  nodeId: managerId,
  folder,
  peerListen: site.peerListen(managerId),
  flags: { 'log-level': 'warn', ...(await site.flags(managerId, folder)) },
  nodeFlags: profile,
});
const children = Array.from({ length: Number(values.processes) }, () =>
  fork(join(import.meta.dirname, 'agents-process.ts'), [], { serialization: 'advanced' }),
);

const nodesReady = async (): Promise<number> => {
  const { nodesReady: ready } = await manager.control.getInfo({}, { deadlineMs: 30_000 });
  return ready;
};
const leader = (when: string): void => figure(`memory of the manager, ${when}`, residentMiB(manager.pid), 'MiB', '< 1536');
const heartbeats = (when: string, ms: ArrayLike<number>): void => {
  figure(`heartbeat round trip ${when}, median`, quantile(ms, 0.5), 'ms');
  figure(`heartbeat round trip ${when}, p99`, quantile(ms, 0.99), 'ms', '< 200');
};

/** A process that is killed writes no profile. */
const end = async (): Promise<void> => {
  if (values.profile === undefined) await manager.kill();
  else await manager.stop();
};

try {
  await manager.start();
  const orders = await Promise.all(
    Array.from({ length: agents }, async (_, index) => {
      const nodeId = `n${String(index).padStart(5, '0')}`;
      return { nodeId, tls: await site.authority.issue(join(folder, 'agents', nodeId), `CN=${nodeId}, OU=worker, O=${siteCluster}`) };
    }),
  );
  const address = site.peerListen(managerId);
  for (const [index, child] of children.entries()) {
    const own = orders.filter((__, at) => at % children.length === index);
    child.send({ begin: { address, agents: own, overMs: 1_000 } } satisfies AgentsMessage);
  }
  const joined = await until(
    'all agents to be ready',
    children,
    async ({ connected }) => connected === agents && (await nodesReady()) >= agents,
    120_000,
  );
  figure(`${agents} agents ready from nothing`, joined.tookMs / 1_000, 's');
  leader('agents without tasks');

  const beganAt = performance.now();
  const busyFrom = cpuSeconds(manager.pid);
  await manager.control.applyStack(
    { spec: load(tasks), dryRun: false, removeOrphans: false, services: [], files: [], declared: [] },
    { deadlineMs: 120_000 },
  );
  const running = await until(
    'all tasks to run',
    children,
    async (fleet) => fleet.tasks === tasks && (await manager.control.getInfo({}, { deadlineMs: 30_000 })).tasksRunning === tasks,
    600_000,
  );
  figure(`${tasks} tasks running, from the wish on`, (performance.now() - beganAt) / 1_000, 's');
  figure('processor that took, of one', ((cpuSeconds(manager.pid) - busyFrom) * 100_000) / (performance.now() - beganAt), '%');
  figure('from a task’s placement to its agent, median', quantile(running.pushesMs, 0.5), 'ms');
  figure('from a task’s placement to its agent, p99', quantile(running.pushesMs, 0.99), 'ms');
  heartbeats('meanwhile', running.heartbeatsMs);
  leader('all tasks running');

  await elapsed(2_000);
  await fleetReport(children);
  const [quietFrom, cpuFrom] = [performance.now(), cpuSeconds(manager.pid)];
  await elapsed(seconds * 1_000);
  const quiet = await fleetReport(children);
  figure('processor at rest, of one', ((cpuSeconds(manager.pid) - cpuFrom) * 100_000) / (performance.now() - quietFrom), '%');
  heartbeats('at rest', quiet.heartbeatsMs);
  leader('at rest');

  const scaledFrom = performance.now();
  await manager.control.scaleServices({
    stack: 'load',
    scales: [{ service: 's0', replicas: Math.floor(tasks / Number(values.services)) + 10 }],
  });
  const scaled = await until('ten tasks more', children, ({ tasks: now }) => now === tasks + 10, 60_000);
  figure('ten tasks more, at their agents after', performance.now() - scaledFrom, 'ms');
  figure('of that, from a task’s placement to its agent, p99', quantile(scaled.pushesMs, 0.99), 'ms');

  const before = await fleetReport(children);
  const restartedAt = performance.now();
  await end();
  await manager.start();
  figure('manager killed and ready again', (performance.now() - restartedAt) / 1_000, 's');
  const back = await until(
    'all agents to be back',
    children,
    ({ connected, sessions }) => connected === agents && sessions >= before.sessions + agents,
    120_000,
  );
  figure('all agents back, from the kill on', (performance.now() - restartedAt) / 1_000, 's');
  figure('asked to come back later', (back.fleet?.refused ?? 0) - before.refused, '');
  heartbeats('while they come back', back.heartbeatsMs);
  await elapsed(12_000);
  const { nodes } = await manager.control.listNodes({}, { deadlineMs: 30_000 });
  figure(
    'nodes wrongly called down',
    nodes.filter(({ node }) => node.id !== managerId && node.state !== NodeState.NODE_READY).length,
    '',
    '0',
  );
  leader('after all came back');
  if (values.format === 'json')
    console.log(
      JSON.stringify({ setting: { agents, tasks, processors: availableParallelism(), node: process.version }, figures }, undefined, 2),
    );
} catch (error) {
  console.error(manager.output.slice(-3_000));
  throw error;
} finally {
  for (const child of children) child.kill('SIGKILL');
  await end();
  await rm(folder, { recursive: true, force: true });
}
