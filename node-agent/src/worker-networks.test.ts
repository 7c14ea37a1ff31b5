import {
  type AssignmentSet,
  emptyAllocation,
  emptyAssignmentSet,
  emptyEndpoint,
  emptyNetworkAssignment,
  emptyPort,
  type IngressPort,
  type NetworkAssignment,
  type TunnelPeer,
} from '@tso/proto';
import test from 'ava';
import type { NetworkWishes } from './local-state.ts';
import type { Tunnels } from './network/types.ts';
import { taskNamed } from './testing/agent-world.ts';
import { CollectedLog } from './testing/collected-log.ts';
import { eventually } from './testing/eventually.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { WorkerNetworks } from './worker-networks.ts';

const network = (id: string, change: Partial<NetworkAssignment> = {}): NetworkAssignment => ({
  ...emptyNetworkAssignment,
  id,
  name: id,
  endpoints: [endpoint('a'), endpoint('b')],
  ...change,
});
const endpoint = (taskId: string) => ({ ...emptyEndpoint, taskId, serving: true });
const port = (published: number): IngressPort => ({
  port: { ...emptyPort, published, target: 80 },
  serviceId: 'web',
  serviceName: 'web',
  stack: 'shop',
  affinity: false,
  backends: ['a', 'b'].map((taskId) => ({ taskId, nodeId: 'n', address: '10.0.0.2', address6: '' })),
});
const peer = (nodeId: string): TunnelPeer => ({
  nodeId,
  tunnelAddress: '10.1.0.2',
  endpoint: '10.77.0.2',
  port: 51_820,
  publicKey: 'k',
  generation: 1,
});

/** Who serves as the networks were told last, and what was written. */
class Told {
  readonly serving = new Map<string, string>();
  readonly calls: string[] = [];
  readonly out = new Set<string>();
  readonly clock = new ManualClock();
  readonly log = new CollectedLog();
  delays: ReadonlyMap<string, Promise<void>> = new Map();
  backends = '';
  tunnels: Tunnels | undefined;
  written: NetworkWishes = { networks: [], ingress: [], peers: [], tunnelAddress: '' };
  failure: Error | undefined;

  #member({ id, endpoints }: NetworkAssignment): void {
    this.serving.set(id, endpoints.flatMap(({ taskId, serving }) => (serving ? [taskId] : [])).join());
  }

  make(): WorkerNetworks {
    return new WorkerNetworks({
      clock: this.clock,
      logger: this.log,
      isOut: (taskId) => this.out.has(taskId),
      localState: {
        networks: async () => this.written,
        putNetworks: async (wishes) => {
          if (this.failure !== undefined) throw this.failure;
          this.written = wishes;
        },
      },
      networks: {
        setNetworks: async (networks) => {
          this.calls.push('networks');
          for (const one of networks) this.#member(one);
        },
        setMembers: async (one) => {
          this.calls.push(`members ${one.id}`);
          await this.delays.get(one.id);
          this.#member(one);
        },
        setIngress: async (ports) => {
          this.calls.push('ingress');
          this.backends = ports
            .map(({ port: { published }, backends }) => `${published}:${backends.map(({ taskId }) => taskId).join()}`)
            .join(' ');
        },
        setTunnels: async (tunnels) => {
          this.calls.push('tunnels');
          this.tunnels = tunnels;
        },
      },
    });
  }
}

const set = (change: Partial<AssignmentSet>): AssignmentSet => ({ ...emptyAssignmentSet, version: 2, baseVersion: 1, ...change });
const onNet = taskNamed('a', { id: 'a', networks: [{ ...emptyAllocation, networkId: 'net' }] });

test('tunnels, networks and ports are made true in that order, and only what changed', async (t) => {
  const told = new Told();
  const networks = told.make();
  await networks.apply(
    set({ baseVersion: 0, networks: [network('net')], ingress: [port(80)], peers: [peer('n2')], tunnelAddress: '10.1.0.1' }),
  );
  t.deepEqual(told.calls.splice(0), ['tunnels', 'networks', 'ingress']);
  await networks.apply(set({ tunnelAddress: '10.1.0.1' }));
  t.deepEqual(told.calls.splice(0), []);
  await networks.apply(set({ tunnelAddress: '10.1.0.1', networks: [network('net', { endpoints: [endpoint('b')] })] }));
  t.deepEqual(told.calls.splice(0), ['members net']);
  await networks.apply(set({ tunnelAddress: '10.1.0.1', removedIngress: ['web/80/tcp'], removedPeers: ['n2'] }));
  t.deepEqual([told.calls.includes('ingress'), told.backends, told.tunnels?.peers], [true, '', []]);
});

test('ports follow once the network that carries them does, whatever else takes its time', async (t) => {
  const told = new Told();
  const networks = told.make();
  const both = [network('net'), network('carrier', { ingress: true })];
  await networks.apply(set({ baseVersion: 0, networks: both, ingress: [port(80)] }));
  told.calls.splice(0);
  const [slow, carrier] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  told.delays = new Map([
    ['net', slow.promise],
    ['carrier', carrier.promise],
  ]);
  const only = [endpoint('b')];
  const applied = networks.apply(set({ networks: both.map((one) => ({ ...one, endpoints: only })), removedIngress: ['web/80/tcp'] }));
  await eventually('both networks are told', () => told.calls.length === 2);
  carrier.resolve();
  await eventually('the ports follow', () => told.calls.includes('ingress'));
  t.is(told.serving.get('net'), 'a,b', 'the other network does not, yet');
  slow.resolve();
  await applied;
  t.is(told.serving.get('net'), 'b');
});

test('a task of this host that does not serve is in no answer, whatever the manager says', async (t) => {
  const told = new Told();
  const networks = told.make();
  await networks.apply(set({ baseVersion: 0, networks: [network('net'), network('other')], ingress: [port(80)] }));
  t.deepEqual([told.serving.get('net'), told.backends], ['a,b', '80:a,b']);
  told.calls.splice(0);
  told.out.add('a');
  await networks.follow(onNet);
  t.deepEqual([told.serving.get('net'), told.backends], ['b', '80:b']);
  t.deepEqual(told.calls.splice(0).toSorted(), ['ingress', 'members net']);
  await networks.apply(set({ networks: [network('net')] }));
  t.is(told.serving.get('net'), 'b');
  told.out.delete('a');
  await networks.follow(onNet);
  t.deepEqual([told.serving.get('net'), told.backends], ['a,b', '80:a,b']);
});

test('the next agent has all of it without a manager', async (t) => {
  const told = new Told();
  await told
    .make()
    .apply(set({ baseVersion: 0, networks: [network('net')], ingress: [port(80)], peers: [peer('n2')], tunnelAddress: '10.1.0.1' }));
  const next = told.make();
  told.calls.splice(0);
  told.serving.clear();
  await next.load();
  await next.applyAll();
  t.deepEqual(told.calls, ['tunnels', 'networks', 'ingress']);
  t.deepEqual([told.serving.get('net'), told.backends, told.tunnels?.address], ['a,b', '80:a,b', '10.1.0.1']);
});

test('a whole set says all there is', async (t) => {
  const told = new Told();
  const networks = told.make();
  await networks.apply(set({ baseVersion: 0, networks: [network('net'), network('old')], ingress: [port(80)], peers: [peer('n2')] }));
  await networks.apply(set({ baseVersion: 0, networks: [network('net')] }));
  t.deepEqual([told.written.networks.map(({ id }) => id), told.written.ingress, told.written.peers], [['net'], [], []]);
  t.deepEqual([told.backends, told.tunnels?.peers], ['', []]);
});

test('what could not be written is made true all the same, and written later', async (t) => {
  const told = new Told();
  const networks = told.make();
  told.failure = new Error('no space left on device');
  await networks.apply(set({ baseVersion: 0, networks: [network('net')] }));
  t.is(told.serving.get('net'), 'a,b');
  told.failure = undefined;
  told.clock.advance(60_000);
  await eventually('it is written', () => told.written.networks.length === 1);
  networks.stop();
});
