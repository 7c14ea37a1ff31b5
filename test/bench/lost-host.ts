// Three managers and simulated agents on the loopback interface: how long until the tasks of a host that is lost run elsewhere, alone
// and together with the leader.
//   node test/bench/lost-host.ts [--agents 6] [--rounds 3]
// Figures are printed, never asserted.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { emptyContainerSpec, emptyServiceSpec, emptyTaskSpec, isTerminal, NodeState, TaskState } from '@tso/proto';
import { loadTls } from '@tso/proto/rpc';
import { Cluster } from '../consensus/cluster.ts';
import { LoopbackSite, siteCluster } from '../consensus/loopback-site.ts';
import { eventually } from '../lab/support/eventually.ts';
import { median } from './consensus-figures.ts';
import { Seen, SimulatedAgent } from './simulated-agent.ts';

const { values } = parseArgs({ options: { agents: { type: 'string', default: '6' }, rounds: { type: 'string', default: '3' } } });
const [count, rounds] = [Number(values.agents), Number(values.rounds)];
const managers = ['n1', 'n2', 'n3'];
const replicas = count * 2;

const site = await LoopbackSite.create(managers);
const cluster = await Cluster.start({ size: 3, site, flags: { 'log-level': 'warn' } });
const agents = new Map<string, SimulatedAgent>();

const begin = async (nodeId: string): Promise<void> => {
  const files = await site.authority.issue(join(cluster.folder, `agent-${nodeId}`), `CN=${nodeId}, OU=worker, O=${siteCluster}`);
  const addresses = cluster.running.map(({ options }) => options.peerListen);
  const agent = new SimulatedAgent(nodeId, addresses, await loadTls(files, Date.now()), new Seen());
  agents.set(nodeId, agent);
  void agent.run();
};

const tasksRunning = async () => (await cluster.someone().control.listTasks({ stack: 'load', services: [], all: false, node: '' })).tasks;
const allRun = (without: string): Promise<unknown> =>
  eventually(
    'every task to run elsewhere',
    async () => {
      const running = (await tasksRunning()).filter(
        ({ task }) => task.status.state === TaskState.RUNNING && !isTerminal(task.status.state) && task.nodeId !== without,
      );
      return running.length === replicas;
    },
    30_000,
  );

/** The host with most tasks, so that something is to be moved. */
const victim = async (): Promise<string> => {
  const tasks = await tasksRunning();
  const most = [...agents.keys()].sort(
    (a, b) => tasks.filter(({ task }) => task.nodeId === b).length - tasks.filter(({ task }) => task.nodeId === a).length,
  );
  return most[0] ?? '';
};

const lose = async (withLeader: boolean): Promise<number> => {
  const nodeId = await victim();
  const leader = await cluster.leader();
  const lostAt = performance.now();
  agents.get(nodeId)?.stop();
  agents.delete(nodeId);
  if (withLeader) await leader.kill();
  await allRun(nodeId);
  const tookMs = performance.now() - lostAt;
  if (withLeader) await leader.start();
  await begin(nodeId);
  await eventually('all nodes to be ready', async () => {
    const { nodes } = await cluster.someone().control.listNodes({});
    return nodes.filter(({ node }) => agents.has(node.id) && node.state === NodeState.NODE_READY).length === count;
  });
  return tookMs;
};

const measure = async (what: string, withLeader: boolean): Promise<void> => {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) times.push(await lose(withLeader));
  const longest = Math.max(...times);
  console.log(`${what.padEnd(62)} median ${(median(times) / 1_000).toFixed(2)} s, longest ${(longest / 1_000).toFixed(2)} s  < 5`);
};

try {
  for (let index = 0; index < count; index += 1) await begin(`w${index}`);
  const spec = {
    name: 'load',
    networks: [],
    volumes: [],
    files: [],
    services: [
      { ...emptyServiceSpec, name: 'web', replicas, task: { ...emptyTaskSpec, container: { ...emptyContainerSpec, image: 'busybox' } } },
    ],
  };
  await eventually('the agents to be ready', async () => (await cluster.someone().control.getInfo({})).nodesReady === count);
  await cluster.someone().control.applyStack({ spec, dryRun: false, removeOrphans: false, services: [], files: [], declared: [] });
  await allRun('');
  await measure('a host lost, its tasks running elsewhere after', false);
  await measure('a host lost together with the leader', true);
} finally {
  for (const agent of agents.values()) agent.stop();
  await cluster.destroy();
}
