import { createServer, type Socket } from 'node:net';
import { NodeRole, TsoError } from '@tso/proto';
import test from 'ava';
import { limits } from '../limits.ts';
import { eventually } from '../testing/eventually.ts';
import { MemberWorld, passing } from '../testing/member-world.ts';
import { TestCluster } from '../testing/test-cluster.ts';

const withWorker = (managers: number, body: (cluster: TestCluster, world: MemberWorld) => Promise<void>): Promise<void> =>
  TestCluster.run(managers, (cluster) =>
    MemberWorld.run(async (world) => {
      await world.start();
      await world.member.join({ token: cluster.token('worker'), remoteAddr: cluster.addresses[0] ?? '' });
      await body(cluster, world);
    }),
  );

const back = (cluster: TestCluster, world: MemberWorld, at: string): Promise<void> =>
  passing(world, 'it is with the leader', () => world.member.isConnected && cluster.session?.at === at);

test('when the leader is gone, the agent finds the next one by whichever manager is left', (t) =>
  withWorker(3, async (cluster, world) => {
    const [first = '', , third = ''] = cluster.addresses;
    cluster.leader = third;
    await cluster.stopManager(first);
    await back(cluster, world, third);
    t.is(cluster.session?.hello.sessionEpoch, 'life-1');
  }));

test('a leader that hands over says to whom, and the agents go there one by one, not at one instant', (t) =>
  withWorker(2, async (cluster, world) => {
    const second = cluster.addresses[1] ?? '';
    cluster.leader = second;
    const pauses = world.clock.delays.length;
    cluster.session?.breakOff(new TsoError('UNAVAILABLE', 'another leads', { details: { leader: second } }));
    await eventually('it pauses', () => world.clock.delays.slice(pauses).includes(limits.reconnectSpreadMs / 2));
    await back(cluster, world, second);
    t.is(cluster.sessions.length, 2);
  }));

test('while nobody leads the agent waits at the manager that it reaches, and is there as soon as one does', (t) =>
  withWorker(2, async (cluster, world) => {
    const second = cluster.addresses[1] ?? '';
    cluster.leader = '';
    const before = world.clock.delays.length;
    cluster.session?.breakOff();
    const waits = () => world.clock.delays.slice(before).filter((delay) => delay === limits.reconnectSpreadMs).length;
    await passing(world, 'it waits', () => waits() >= 3);
    t.true(world.log.at('warn').length <= 1, 'an outage is said more than once');
    cluster.leader = second;
    await back(cluster, world, second);
  }));

test('a leader that has no room now is asked again when it said so', (t) =>
  withWorker(2, async (cluster, world) => {
    cluster.admission = 700;
    cluster.session?.breakOff();
    await passing(world, 'it is told to wait', () => world.clock.delays.includes(700 * 1.125));
    cluster.admission = undefined;
    await back(cluster, world, cluster.leader);
    t.is(cluster.sessions.length, 2);
  }));

test('a host that takes the connection and says nothing is given up soon, and another one is asked', (t) =>
  withWorker(1, async (cluster, world) => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const address = mute.address();
    const silent = typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '';
    const { nodeId } = world.identity.current;
    try {
      const managers = [...cluster.managers, { nodeId: 'mute', address: silent }];
      cluster.session?.say({ update: { managers, role: NodeRole.WORKER, authorityEpoch: 1 } });
      await eventually('it knows of both', () => world.member.describe().managers.length === 2);
      // Whoever was lost is asked last: first comes the mute one.
      cluster.session?.breakOff();
      await passing(world, 'it asks the mute one', () => sockets.length === 1);
      await eventually('it waits for an answer', () => world.clock.delays.at(-1) === limits.handshakeMs);
      world.clock.advance(limits.handshakeMs);
      await eventually('it hung up', () => sockets[0]?.destroyed === true || sockets[0]?.readableEnded === true || isClosed(sockets[0]));
      await back(cluster, world, cluster.leader);
      t.is(cluster.session?.hello.nodeId, nodeId);
    } finally {
      for (const socket of sockets) socket.destroy();
      mute.close();
    }
  }));

/** Reads what was sent, without which the end is never noticed. */
const isClosed = (socket: Socket | undefined): boolean => {
  socket?.resume();
  return socket?.closed ?? false;
};

test('a manager of another cluster at a known address is not believed', (t) =>
  withWorker(1, (cluster, world) =>
    TestCluster.run(1, async (other) => {
      const [stranger = ''] = other.addresses;
      other.nodes.set(world.identity.current.nodeId, { role: NodeRole.WORKER, removed: true });
      const managers = [{ nodeId: 'stranger', address: stranger }];
      cluster.session?.say({ update: { managers, role: NodeRole.WORKER, authorityEpoch: 1 } });
      await eventually('it knows of it', () => world.member.describe().managers[0]?.address === stranger);
      const attempts = world.clock.delays.length;
      cluster.session?.breakOff();
      await passing(world, 'it tried', () => world.clock.delays.slice(attempts).filter((delay) => delay === limits.connectMs).length >= 3);
      t.deepEqual(other.sessions, []);
      t.is(world.cleared, 0);
      t.is(world.member.describe().clusterId, 'cluster-1');
    }),
  ));
