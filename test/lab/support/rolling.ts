import type { ClusterLab } from '../hosts/cluster-lab.ts';
import { answersAt } from './healthcheck.ts';
import { Load, loadVolumes } from './load.ts';

const says = 'mkdir -p /www && hostname > /www/index.html && httpd -p 80 -h /www';
const stays = 'while :; do sleep 3600 & wait $!; done';
const endsOnTerm = 'trap "exit 0" TERM';

/** Says who it is over HTTP on 80. All of it is gone the moment it is asked to stop, whoever is connected. */
export const server = [says, endsOnTerm, stays].join('\n');

/** The same, and on 90 first that and then whatever it is sent; in a container with `loadVolumes`. @param onTerm what it does when it is asked to stop */
export const echoServer = (onTerm = endsOnTerm): string =>
  [says, 'LD_LIBRARY_PATH=/load/lib /load/node/node --no-warnings /load/client/echo-server.ts &', onTerm, stays].join('\n');

/** Whether somebody listens on 90, without connecting to it: a shell's line for a health check. */
export const echoes = "cat /proc/net/tcp /proc/net/tcp6 | grep -q ':005A 0*:0000 0A'";

export interface RollingStack {
  readonly generation: number;
  readonly replicas: number;
  readonly order: 'stop-first' | 'start-first';
  readonly parallelism: number;
}

const serves = (generation: number): string => `image: busybox:1
    command: ["/bin/sh", "-c", ${JSON.stringify(server)}]
    environment: { GENERATION: "${generation}" }
    stop_grace_period: 2s
    ${answersAt()}`;

/**
 * `web` behind a virtual address and a published port, `rr` behind names that lead to its tasks, and a `client` on each host.
 */
export const rollingStack = ({ generation, replicas, order, parallelism }: RollingStack): string => {
  const update = `update_config: { parallelism: ${parallelism}, order: ${order}, delay: 0s, monitor: 0s }`;
  return `
services:
  web:
    ${serves(generation)}
    ports: ["8080:80"]
    deploy: { replicas: ${replicas}, ${update} }
  rr:
    ${serves(generation)}
    deploy: { replicas: 3, endpoint_mode: dnsrr, ${update} }
  client:
    image: busybox:1
    stop_grace_period: 500ms
    volumes: ${JSON.stringify(loadVolumes)}
    deploy: { mode: global }
`;
};

export interface RollingLoad {
  readonly pauseMs: number;
}

/** Clients in a container on each host, by virtual address and by names; outside, by every host's published port; and on a host at its localhost. */
export const beginLoad = async (cluster: ClusterLab, stack: string, { pauseMs }: RollingLoad): Promise<Load> => {
  const load = new Load(cluster);
  try {
    await load.inContainers(stack, 'client', {
      targets: [
        { name: 'virtual', host: 'web', port: 80, names: 'cached', lanes: 2 },
        { name: 'names', host: 'rr', port: 80, names: 'fresh' },
        { name: 'cached-names', host: 'rr', port: 80, names: 'cached' },
        { name: 'tasks', host: 'tasks.web', port: 80, names: 'fresh' },
      ],
      pauseMs,
    });
    const hosts = cluster.members;
    load.outside({ targets: hosts.map(({ name, address }) => ({ name, host: address, port: 8080, names: 'fresh' })), pauseMs });
    for (const host of hosts)
      load.onHost(host, { targets: [{ name: 'localhost', host: '127.0.0.1', port: 8080, names: 'fresh' }], pauseMs: pauseMs * 4 });
    await load.flows();
    return load;
  } catch (error) {
    load.kill();
    throw error;
  }
};

/** What is done to a service while it is asked, each with a name. Each resolves once the cluster is as it was asked to be. */
export const rollingSteps = (
  cluster: ClusterLab,
  stack: string,
): readonly (readonly [name: string, step: (load: Load) => Promise<void>])[] => {
  const up = (change: RollingStack) => cluster.up(stack, rollingStack(change));
  const leader = async (args: readonly string[]) => void (await (await cluster.leader()).tsoOk(args));
  const [drained = cluster.host('m1')] = cluster.workers;
  const base = Date.now();
  return [
    ['an update, one after the other, stop-first', () => up({ generation: base, replicas: 4, order: 'stop-first', parallelism: 1 })],
    ['an update, two at a time, start-first', () => up({ generation: base + 1, replicas: 6, order: 'start-first', parallelism: 2 })],
    [
      'six tasks, two, and six again',
      async () => {
        await leader(['scale', '-p', stack, 'web=2']);
        await leader(['scale', '-p', stack, 'web=6']);
      },
    ],
    [
      'a node is drained',
      async (load) => {
        // The clients in containers there go with it; those outside still ask it.
        await load.stop(`container on ${drained.name}`);
        await leader(['node', 'drain', drained.name]);
        await cluster.spread(stack, 'web', 6, { butNot: [drained] });
        await cluster.spread(stack, 'rr', 3, { butNot: [drained] });
        await leader(['node', 'activate', drained.name]);
      },
    ],
  ];
};
