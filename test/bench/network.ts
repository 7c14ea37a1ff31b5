// What containers on two hosts send each other: over our overlay and through a virtual address of it, beside addresses put on two VXLAN
// devices between the same hosts (the limit), and Docker's overlay on hosts of the same kind. One stream, all in turn, round after round.
//   sudo node test/bench/network.ts [--rounds 5] [--seconds 3]    Docker's figures with Debian's docker.io installed
// Needs iperf3. Figures are printed, never asserted: a machine has moods, so compare within one run only.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ClusterLab } from '../lab/hosts/cluster-lab.ts';
import { command, succeed } from '../lab/support/command.ts';
import { eventually } from '../lab/support/eventually.ts';
import type { LabHost } from '../lab/support/lab-host.ts';
import { quantile } from './consensus-figures.ts';
import { SwarmPeer } from './swarm-peer.ts';

const iperf = '/usr/bin/iperf3';
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '3' } } });
const rounds = Number(values.rounds);

/** The arguments of nsenter that lead to a network namespace. */
type Place = string;
const ofHost = (host: LabHost): Place => `--net=${join(host.pin, 'net')}`;
const ofProcess = (pid: number): Place => `--net=/proc/${pid}/ns/net`;

interface Way {
  readonly what: string;
  readonly from: Place;
  readonly to: Place;
  readonly address: string;
}

/** Gbit/s that arrive. */
const throughput = async ({ from, to, address }: Way): Promise<number> => {
  const server = command('nsenter', [to, '--', iperf, '--server', '--one-off', '--port', '5299']);
  await eventually('iperf3 listens', async () => (await succeed('nsenter', [to, '--', 'ss', '-Hltn'])).includes(':5299'));
  const report = JSON.parse(
    await succeed('nsenter', [from, '--', iperf, '--client', address, '--port', '5299', '--time', values.seconds, '--json']),
  ) as { readonly end: { readonly sum_received: { readonly bits_per_second: number } } };
  await server;
  return report.end.sum_received.bits_per_second / 1e9;
};

const pair = `services:
  server: { image: "busybox:1", deploy: { placement: { constraints: ["node.hostname == w1"] } } }
  client: { image: "busybox:1", deploy: { placement: { constraints: ["node.hostname == m1"] } } }
`;

/** The VXLAN devices of the limit: one on each host, nothing else between. */
const bareDevices = async (cluster: ClusterLab): Promise<Way> => {
  const [here, there] = [cluster.host('m1'), cluster.host('w1')];
  for (const [host, peer, address] of [
    [here, there, '10.250.0.1'],
    [there, here, '10.250.0.2'],
  ] as const) {
    const link = ['id', '7', 'local', host.address, 'remote', peer.address, 'dstport', '8472', 'nolearning'];
    await host.run('ip', ['link', 'add', 'bare0', 'type', 'vxlan', ...link]);
    await host.run('ip', ['address', 'add', `${address}/24`, 'dev', 'bare0']);
    await host.run('ip', ['link', 'set', 'bare0', 'up']);
  }
  return { what: 'addresses on two VXLAN devices (the limit)', from: ofHost(here), to: ofHost(there), address: '10.250.0.2' };
};

const own = async (cluster: ClusterLab): Promise<readonly Way[]> => {
  await cluster.up('bench', pair);
  const [[client], [server]] = await Promise.all([cluster.running('bench', 'client'), cluster.running('bench', 'server')]);
  const [task] = await cluster.tasks('bench', 'server');
  const view = (await cluster.stack('bench')).services.find(({ service }) => service.spec.name === 'server');
  const address = task?.networks[0]?.address;
  const vip = view?.service.vips[0]?.address;
  if (client === undefined || server === undefined || address === undefined || vip === undefined)
    throw new Error('the tasks of the bench have no addresses');
  const [from, to] = [ofProcess(client.pid), ofProcess(server.pid)];
  return [
    { what: 'tso: container to container on another host', from, to, address },
    { what: 'tso: the same through its virtual address', from, to, address: vip },
  ];
};

const theirs = async (swarm: SwarmPeer): Promise<Way> => {
  const { client, server, address } = await swarm.overlayPair();
  return { what: 'Docker: container to container over its overlay', from: ofProcess(client), to: ofProcess(server), address };
};

if (!existsSync(iperf)) throw new Error('iperf3 is not installed: apt-get install iperf3');
const cluster = await ClusterLab.start({ managers: 1, workers: 1 });
const swarm = await SwarmPeer.startIfInstalled();
try {
  const ways = [await bareDevices(cluster), ...(await own(cluster)), ...(swarm === undefined ? [] : [await theirs(swarm)])];
  const seen = new Map<Way, number[]>(ways.map((way) => [way, []]));
  for (let round = 0; round < rounds; round += 1) for (const [way, figures] of seen) figures.push(await throughput(way));
  const medians = ways.map((way) => quantile(seen.get(way) ?? [], 0.5));
  for (const [index, way] of ways.entries()) {
    const figures = seen.get(way) ?? [];
    const range = `${Math.min(...figures).toFixed(1)} to ${Math.max(...figures).toFixed(1)}`;
    console.log(`${way.what.padEnd(56)} median ${(medians[index] ?? Number.NaN).toFixed(1).padStart(5)} Gbit/s   (${range})`);
  }
  const [bare = Number.NaN, direct = Number.NaN, virtual = Number.NaN, docker] = medians;
  console.log(
    `ours to the limit ${(direct / bare).toFixed(2)} (0.95 asked), virtual address to direct ${(virtual / direct).toFixed(2)} (0.95 asked)`,
  );
  console.log(
    docker === undefined
      ? 'Docker is not installed (Debian package docker.io): its figures are left out'
      : `ours to Docker's overlay ${(direct / docker).toFixed(2)} (1.15 asked)`,
  );
} finally {
  await swarm?.destroy();
  await cluster.destroy();
}
