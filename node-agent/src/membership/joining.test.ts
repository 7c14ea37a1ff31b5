import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NodeRole, TsoError } from '@tso/proto';
import test from 'ava';
import { eventually } from '../testing/eventually.ts';
import { MemberWorld, passing } from '../testing/member-world.ts';
import { TestCluster } from '../testing/test-cluster.ts';

const withNode = (managers: number, body: (cluster: TestCluster, world: MemberWorld) => Promise<void>): Promise<void> =>
  TestCluster.run(managers, (cluster) =>
    MemberWorld.run(async (world) => {
      await world.start();
      await body(cluster, world);
    }),
  );

const joinAs = (cluster: TestCluster, world: MemberWorld, role: 'worker' | 'manager') =>
  world.member.join({ token: cluster.token(role), remoteAddr: cluster.addresses[0] ?? '' });

test('a node that joins is welcomed by the leader before that is answered, and is known by its certificate', (t) =>
  withNode(1, async (cluster, world) => {
    const { nodeId, membership } = await joinAs(cluster, world, 'worker');
    t.like(membership, { clusterId: 'cluster-1', role: 'worker', addressPool: '10.64.0.0/12', advertiseAddr: '127.0.0.1:2478' });
    t.deepEqual(cluster.asked, [`join ${nodeId}`]);
    t.like(cluster.session?.hello, { nodeId, address: '127.0.0.1', identity: { authorityEpoch: 1, role: NodeRole.WORKER } });
    t.like(world.member.describe(), { localState: 'active', controlAvailable: false, clusterId: 'cluster-1', managers: cluster.managers });
    t.deepEqual(world.manager.starts, []);
    t.is((await stat(join(world.paths.dataDir, 'identity', 'current', 'key.pem'))).mode & 0o777, 0o600);
    t.deepEqual(world.networks.configured, ['10.64.0.0/12', '10.64.0.0/12']);
  }));

test('a node that joins as a manager starts its manager on the one that it joined by', (t) =>
  withNode(2, async (cluster, world) => {
    const wish = { token: cluster.token('manager'), remoteAddr: cluster.addresses[1] ?? '', listenAddr: '0.0.0.0:2600' };
    const joined = world.member.join(wish);
    await passing(world, 'it is welcomed', () => cluster.sessions.length > 0);
    const { nodeId } = await joined;
    t.like(world.manager.starts[0], {
      settings: { nodeId, listenAddr: '0.0.0.0:2600', advertiseAddr: '127.0.0.1:2600', join: cluster.addresses[1] },
      order: undefined,
    });
    t.is(world.certificates.role, 'manager');
    t.true(world.member.describe().controlAvailable);
  }));

test('a follower names the leader, and the node is there at once', (t) =>
  withNode(3, async (cluster, world) => {
    cluster.leader = cluster.addresses[2] ?? '';
    const joined = joinAs(cluster, world, 'worker');
    await passing(world, 'it joined', () => cluster.sessions.length > 0);
    await joined;
    t.is(cluster.session?.at, cluster.leader);
    t.true(world.clock.delays.includes(0), 'it waited before it followed');
  }));

test('what is no token, or not one of this cluster, is refused and leaves nothing behind', (t) =>
  withNode(1, async (cluster, world) => {
    const before = await readdir(world.paths.dataDir);
    const { nodeId } = world.identity.current;
    const remoteAddr = cluster.addresses[0] ?? '';
    await t.throwsAsync(world.member.join({ token: 'TSO-1-x', remoteAddr }), { code: 'INVALID_ARGUMENT' });
    await t.throwsAsync(world.member.join({ token: cluster.token('worker'), remoteAddr: 'no host' }), { code: 'INVALID_ARGUMENT' });
    const replaced = cluster.token('worker');
    cluster.secrets.worker = 'n'.repeat(25);
    await t.throwsAsync(world.member.join({ token: replaced, remoteAddr }), {
      code: 'PERMISSION_DENIED',
      message: /not one of this cluster/,
    });
    const forged = cluster.token('worker').replace(/^TSO-1-.{50}/, `TSO-1-${'0'.repeat(50)}`);
    await t.throwsAsync(world.member.join({ token: forged, remoteAddr }), {
      code: 'PERMISSION_DENIED',
      message: /does not belong to the cluster of the token/,
    });
    t.is(cluster.asked.length, 1, 'the secret was said to somebody who is not of the cluster');
    t.deepEqual((await readdir(world.paths.dataDir)).sort(), before.sort());
    t.deepEqual(world.identity.current, { nodeId, membership: undefined });
    t.is(world.member.describe().localState, 'inactive');
  }));

test('a manager that is not reached is named', (t) =>
  withNode(1, async (cluster, world) => {
    const [remoteAddr = ''] = cluster.addresses;
    await cluster.stopManager(remoteAddr);
    const error = await t.throwsAsync(joinAs(cluster, world, 'worker'), { code: 'UNAVAILABLE' });
    t.true(error?.message.includes(remoteAddr));
  }));

test('a join that the leader does not welcome in time is undone, and can be done again as another node', (t) =>
  withNode(1, async (cluster, world) => {
    cluster.isDeaf = true;
    const { nodeId } = world.identity.current;
    const joined = t.throwsAsync(joinAs(cluster, world, 'worker'), { message: /could not join: the welcome by the leading manager/ });
    await passing(world, 'it gave up', () => cluster.asked.some((it) => it.startsWith('leave')));
    await joined;
    t.is(world.identity.current.membership, undefined);
    t.not(world.identity.current.nodeId, nodeId);
    t.is(world.certificates.stored, undefined);
    t.is(world.member.describe().localState, 'inactive');
    cluster.isDeaf = false;
    await joinAs(cluster, world, 'worker');
    t.is(world.member.describe().localState, 'active');
  }));

test('an agent that is stopped in the middle of a join undoes it, and does not wait for anybody', (t) =>
  withNode(1, async (cluster, world) => {
    cluster.isDeaf = true;
    const joined = t.throwsAsync(joinAs(cluster, world, 'worker'), { message: /stopped looking for a manager/ });
    await eventually('it waits for the welcome', () => cluster.sessions.length === 1);
    await world.member.stop();
    await joined;
    t.is(world.identity.current.membership, undefined);
    t.is(world.certificates.stored, undefined);
    t.is(world.clock.pending, 0);
  }));

test('a join as a manager whose manager does not start is undone, and says what is left in the cluster', (t) =>
  withNode(1, async (cluster, world) => {
    world.manager.onStart = async () => ({ kind: 'failed', message: 'the port is taken' });
    const { nodeId } = world.identity.current;
    const error = await t.throwsAsync(joinAs(cluster, world, 'manager'), { message: /the port is taken/ });
    t.true(error instanceof TsoError && error.hint?.includes(`tso node rm ${nodeId}`));
    t.false(world.manager.isThere);
    t.is(world.identity.current.membership, undefined);
  }));

test('a manager that is not welcomed in time stays one: the others may count on its vote', (t) =>
  withNode(1, async (cluster, world) => {
    cluster.isDeaf = true;
    const { nodeId } = world.identity.current;
    const joining = t.throwsAsync(joinAs(cluster, world, 'manager'), {
      code: 'DEADLINE_EXCEEDED',
      message: /joined as a manager, but was not welcomed yet/,
    });
    let hasEnded = false;
    void joining.then(() => {
      hasEnded = true;
    });
    await passing(world, 'it gave up waiting', () => hasEnded);
    const error = await joining;
    t.true(error instanceof TsoError && error.hint?.includes(`tso node rm --force ${nodeId}`));
    t.deepEqual(cluster.asked, [`join ${nodeId}`]);
    t.like(world.identity.current, { nodeId, membership: { role: 'manager', clusterId: 'cluster-1' } });
    t.true(world.manager.isThere);
    cluster.isDeaf = false;
    cluster.session?.breakOff();
    await passing(world, 'it is welcomed', () => world.member.isConnected);
    t.is(world.member.describe().localState, 'active');
  }));

test('a manager that has something on disk and does not start is not erased by its own node', (t) =>
  withNode(1, async (cluster, world) => {
    const folder = join(world.paths.dataDir, 'manager');
    world.manager.onStart = async () => {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'log'), 'x');
      return { kind: 'failed', message: 'the port is taken' };
    };
    const { nodeId } = world.identity.current;
    await t.throwsAsync(joinAs(cluster, world, 'manager'), { code: 'DEADLINE_EXCEEDED', message: /the port is taken/ });
    t.deepEqual(await readdir(folder), ['log']);
    t.like(world.identity.current, { nodeId, membership: { role: 'manager' } });
    t.truthy(world.certificates.stored);
    t.true(world.manager.isThere);
  }));

test('an agent that is stopped while its manager waits for the welcome is that manager when it starts again', (t) =>
  withNode(1, async (cluster, world) => {
    cluster.isDeaf = true;
    const joined = t.throwsAsync(joinAs(cluster, world, 'manager'), { message: /was not welcomed yet/ });
    await eventually('it waits for the welcome', () => cluster.sessions.length === 1);
    await world.member.stop();
    await joined;
    t.is(world.clock.pending, 0);
    cluster.isDeaf = false;
    await world.start();
    await passing(world, 'it is welcomed', () => world.member.isConnected);
    t.is(world.manager.starts.length, 1);
  }));

const joinKey = (world: MemberWorld): string => join(world.paths.dataDir, 'identity', 'joining.json');

test('a join whose answer was lost is asked again with the same key, also by the next agent, and keeps the id', (t) =>
  withNode(1, async (cluster, world) => {
    cluster.lostAnswers = 2;
    const { nodeId } = world.identity.current;
    const error = await t.throwsAsync(joinAs(cluster, world, 'worker'), { code: 'UNAVAILABLE' });
    t.true(error instanceof TsoError && error.hint?.includes(`as node ${nodeId}`));
    t.is((await stat(joinKey(world))).mode & 0o777, 0o600);
    await t.throwsAsync(joinAs(cluster, world, 'worker'), { code: 'UNAVAILABLE' });
    await world.start();
    // What is refused now was granted before: the key is still needed.
    const wrong = cluster.token('worker').replace(/-[^-]*$/, `-${'n'.repeat(25)}`);
    await t.throwsAsync(world.member.join({ token: wrong, remoteAddr: cluster.addresses[0] ?? '' }), { code: 'PERMISSION_DENIED' });
    t.is((await joinAs(cluster, world, 'worker')).nodeId, nodeId);
    t.deepEqual(await readdir(join(world.paths.dataDir, 'identity')).then((names) => names.includes('joining.json')), false);
    t.is(cluster.nodes.size, 1);
  }));

test('a host whose id belongs to another node takes another one, and joins by it', (t) =>
  withNode(1, async (cluster, world) => {
    const { nodeId } = world.identity.current;
    cluster.nodes.set(nodeId, { role: NodeRole.WORKER, removed: false, keyDigest: 'of another host' });
    const error = await t.throwsAsync(joinAs(cluster, world, 'worker'), { code: 'ALREADY_EXISTS' });
    t.true(error instanceof TsoError && error.hint?.includes(world.identity.current.nodeId));
    t.not((await joinAs(cluster, world, 'worker')).nodeId, nodeId);
    t.is(cluster.nodes.size, 2);
  }));

test('an agent that ended in the middle of a join is part of nothing, under another id', (t) =>
  withNode(1, async (cluster, world) => {
    const { nodeId } = world.identity.current;
    await joinAs(cluster, world, 'worker');
    // As it is between the certificate and the record of the membership.
    await world.member.stop();
    await world.identity.abandon();
    await world.start();
    t.is(world.certificates.stored, undefined);
    t.not(world.identity.current.nodeId, nodeId);
    await joinAs(cluster, world, 'worker');
    t.pass();
  }));

test('an agent that starts again finds its cluster by what it kept, and who is part of one joins no other', (t) =>
  withNode(2, async (cluster, world) => {
    await joinAs(cluster, world, 'worker');
    cluster.leader = cluster.addresses[1] ?? '';
    await world.start();
    await passing(world, 'it is back', () => world.member.isConnected);
    t.is(cluster.session?.at, cluster.leader);
    await t.throwsAsync(joinAs(cluster, world, 'worker'), { code: 'CONFLICT' });
  }));

test('a worker that leaves tells the cluster, ends its tasks and is another node from then on', (t) =>
  withNode(1, async (cluster, world) => {
    const { nodeId } = await joinAs(cluster, world, 'worker');
    await world.member.leave({ force: false });
    t.true(cluster.nodes.get(nodeId)?.removed);
    t.is(world.cleared, 1);
    t.is(world.networks.configured.at(-1), '', 'it keeps the addresses of the cluster');
    t.not(world.identity.current.nodeId, nodeId);
    t.deepEqual(world.member.describe(), {
      localState: 'inactive',
      address: '',
      clusterId: '',
      controlAvailable: false,
      problem: '',
      managers: [],
    });
    await joinAs(cluster, world, 'worker');
    t.is(cluster.nodes.size, 2);
    await t.throwsAsync((await world.start()).join({ token: cluster.token('worker'), remoteAddr: 'x:1' }), { code: 'CONFLICT' });
  }));

test('a manager does not leave unless it is forced to, a worker not without telling anybody', (t) =>
  withNode(1, async (cluster, world) => {
    await joinAs(cluster, world, 'manager');
    await t.throwsAsync(world.member.leave({ force: false }), { code: 'FAILED_PRECONDITION', message: /is a manager/ });
    await world.member.leave({ force: true });
    t.is(world.identity.current.membership, undefined);
    t.false(world.manager.isThere);
    await t.throwsAsync(world.member.leave({ force: true }), { code: 'FAILED_PRECONDITION', message: /not part of a cluster/ });
    await joinAs(cluster, world, 'worker');
    for (const address of cluster.addresses) await cluster.stopManager(address);
    await t.throwsAsync(world.member.leave({ force: false }), { code: 'FAILED_PRECONDITION', message: /could not be told/ });
    t.is(world.member.describe().clusterId, 'cluster-1');
    await world.member.leave({ force: true });
    t.is(world.identity.current.membership, undefined);
  }));

test('a node that its cluster has forgotten leaves without being forced to', (t) =>
  withNode(1, async (cluster, world) => {
    const { nodeId } = await joinAs(cluster, world, 'worker');
    cluster.nodes.delete(nodeId);
    await world.member.leave({ force: false });
    t.is(world.identity.current.membership, undefined);
    t.is(world.cleared, 1);
  }));

test('an agent that ended while it was leaving goes on with that', (t) =>
  withNode(1, async (cluster, world) => {
    await joinAs(cluster, world, 'worker');
    await mkdir(join(world.paths.dataDir, 'manager'));
    await writeFile(join(world.paths.dataDir, 'manager', 'log'), 'x');
    await world.identity.change({ leaving: true });
    await world.start();
    await eventually('it left', () => world.identity.current.membership === undefined);
    t.is(world.cleared, 1);
    t.false((await readdir(world.paths.dataDir)).some((name) => name === 'manager' || name === 'identity' || name === 'managers.json'));
  }));

test('a node that was removed cleans itself; one that the cluster only does not know keeps what it has, and says so', (t) =>
  withNode(1, async (cluster, world) => {
    const { nodeId } = await joinAs(cluster, world, 'worker');
    const node = cluster.nodes.get(nodeId);
    cluster.nodes.delete(nodeId);
    cluster.session?.breakOff();
    await passing(world, 'it says so', () => world.member.describe().localState === 'error');
    t.regex(world.member.describe().problem, /nobody knows it/);
    t.is(world.cleared, 0);
    if (node !== undefined) cluster.nodes.set(nodeId, { ...node, removed: false });
    await passing(world, 'it is back', () => world.member.describe().localState === 'active' && world.member.isConnected);
    cluster.nodes.set(nodeId, { role: NodeRole.WORKER, removed: true });
    cluster.session?.breakOff();
    await passing(world, 'it cleaned itself', () => world.identity.current.membership === undefined);
    t.is(world.cleared, 1);
    await joinAs(cluster, world, 'worker');
    t.is(world.member.describe().localState, 'active');
  }));
