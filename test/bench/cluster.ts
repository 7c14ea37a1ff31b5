// Many hosts, beside Docker Swarm on hosts of the same kind: a leader lost, a host lost, a host that joins.
//   sudo node test/bench/cluster.ts    with Debian's docker.io installed, Swarm's figures from the same run beside ours
// Figures are printed, never asserted: a machine has moods.
import { ClusterLab } from '../lab/hosts/cluster-lab.ts';
import { killHost, killManager } from '../lab/hosts/faults.ts';
import { eventually } from '../lab/support/eventually.ts';
import { SwarmPeer } from './swarm-peer.ts';

const replicas = 8;
const patienceMs = 60_000;

interface Figures {
  readonly joinToReady: number;
  readonly leaderLostToWrite: number;
  readonly hostLostToElsewhere: number;
}

const ours = async (): Promise<Figures> => {
  const cluster = await ClusterLab.start({ managers: 3, workers: 0, spares: 1, agentArgs: [] });
  try {
    const spare = cluster.host('spare1');
    const token = await cluster.token('worker');
    const joinBeganAt = performance.now();
    const outcome = await cluster.tryJoin(spare, token);
    if (outcome.code !== 0) throw new Error(outcome.stderr);
    await cluster.ready(spare);
    const joinToReady = performance.now() - joinBeganAt;
    await cluster.up('app', `services:\n  app: { image: "busybox:1", stop_grace_period: 500ms, deploy: { replicas: ${replicas} } }\n`);
    await cluster.spread('app', 'app', replicas);
    await killHost(cluster.lab, spare);
    const hostLostAt = performance.now();
    await cluster.spread('app', 'app', replicas, { butNot: [spare], deadlineMs: patienceMs });
    const hostLostToElsewhere = performance.now() - hostLostAt;
    const leader = await cluster.leader();
    const [other = leader] = await cluster.followers();
    await killManager(leader);
    const leaderLostAt = performance.now();
    const write = () =>
      cluster.api(other).control((control) => control.putConfig({ name: 'x', data: Buffer.from('x'), labels: {} }, { deadlineMs: 1_000 }));
    await eventually('a write is accepted', write, patienceMs);
    return { joinToReady, leaderLostToWrite: performance.now() - leaderLostAt, hostLostToElsewhere };
  } finally {
    await cluster.destroy();
  }
};

const theirs = async (): Promise<Figures | undefined> => {
  const swarm = await SwarmPeer.startIfInstalled();
  if (swarm === undefined) return undefined;
  try {
    const joinToReady = await swarm.joinToReady();
    await swarm.deploy(replicas);
    const hostLostToElsewhere = await swarm.hostLostToElsewhere(replicas);
    return { joinToReady, hostLostToElsewhere, leaderLostToWrite: await swarm.leaderLostToWrite() };
  } finally {
    await swarm.destroy();
  }
};

const rows: readonly (readonly [keyof Figures, string])[] = [
  ['joinToReady', 'join of a fresh host until its node is ready'],
  ['leaderLostToWrite', 'process of the leader killed until the next write is accepted'],
  ['hostLostToElsewhere', 'host lost until its tasks run elsewhere, default settings'],
];

const own = await ours();
const peer = await theirs();
for (const [name, what] of rows) {
  const beside = peer === undefined ? '' : `   Swarm ${(peer[name] / 1_000).toFixed(2)} s, ratio ${(own[name] / peer[name]).toFixed(3)}`;
  console.log(`${what.padEnd(64)} ${(own[name] / 1_000).toFixed(2).padStart(8)} s${beside}`);
}
if (peer === undefined) console.log('Docker is not installed (Debian package docker.io): the figures of Swarm are left out');
