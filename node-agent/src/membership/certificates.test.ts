import { readFile, realpath, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { formatUnlockKey, NodeRole, type TsoError } from '@tso/proto';
import test from 'ava';
import { eventually } from '../testing/eventually.ts';
import { MemberWorld, passing } from '../testing/member-world.ts';
import { TestCluster } from '../testing/test-cluster.ts';
import { NodeCertificates } from './certificates.ts';

const keyOf = (byte: number): string => formatUnlockKey(new Uint8Array(32).fill(byte));

const withManager = (body: (cluster: TestCluster, world: MemberWorld) => Promise<void>): Promise<void> =>
  TestCluster.run(1, (cluster) =>
    MemberWorld.run(async (world) => {
      await world.start();
      await world.member.join({ token: cluster.token('manager'), remoteAddr: cluster.addresses[0] ?? '' });
      await body(cluster, world);
    }),
  );

const keyFile = (world: MemberWorld): Promise<string> => readFile(join(world.paths.dataDir, 'identity/current/key.pem'), 'utf8');
const isSealed = async (world: MemberWorld): Promise<boolean> => (await keyFile(world)).includes('ENCRYPTED');

test('the key is sealed as the manager says, changed and opened again, and stays in use all the while', (t) =>
  withManager(async (_, world) => {
    t.false(await isSealed(world));
    for (const key of [keyOf(1), keyOf(2), '']) {
      world.manager.events?.onUnlockKey(key);
      await passing(
        world,
        'it is sealed so',
        () => world.certificates.unlockKey === key && world.certificates.stored?.sealed === (key !== ''),
      );
      t.is(await isSealed(world), key !== '');
      t.truthy(world.certificates.tls());
    }
  }));

test('an agent that starts with a sealed key waits for the unlock key, and only the right one opens it', (t) =>
  withManager(async (cluster, world) => {
    await world.certificates.seal(keyOf(1));
    world.manager.onStart = async () => ({ kind: 'locked', why: 'its state is shut' });
    await world.start();
    t.like(world.member.describe(), { localState: 'locked', controlAvailable: false });
    t.false(world.member.isManagerExpected);
    t.throws(() => world.certificates.tls(), { message: /is locked/ });
    await t.throwsAsync(world.member.unlock('TSO-KEY-1-x'), { code: 'INVALID_ARGUMENT' });
    world.manager.opensWith = [keyOf(1)];
    await t.throwsAsync(world.member.unlock(keyOf(2)), { code: 'FAILED_PRECONDITION', message: /still locked: .*no key fits/ });
    t.is(world.member.describe().localState, 'locked');
    await world.member.unlock(keyOf(1));
    t.deepEqual(world.manager.unlockedWith, [keyOf(2), keyOf(1)]);
    await passing(world, 'it is with the leader', () => world.member.isConnected && cluster.sessions.length > 0);
    t.is(world.member.describe().localState, 'active');
    await t.throwsAsync(world.member.unlock(keyOf(1)), { code: 'FAILED_PRECONDITION', message: /not locked/ });
  }));

for (const [order, first, second] of [
  ['the old key, then the new one', 1, 2],
  ['the new key, then the old one', 2, 1],
] as const)
  test(`a node that went down while its unlock key was replaced is opened by ${order}`, (t) =>
    withManager(async (_, world) => {
      // The agent had not heard of the new one yet.
      await world.certificates.seal(keyOf(1));
      world.manager.onStart = async () => ({ kind: 'locked', why: 'its state is shut' });
      await world.start();
      const { manager } = world;
      manager.opensWith = [keyOf(1), keyOf(2)];
      const refusal = await t.throwsAsync<TsoError>(world.member.unlock(keyOf(first)), { code: 'FAILED_PRECONDITION' });
      t.regex(refusal.message, first === 1 ? /^that key opened this node's own key, but .* still locked/ : /^the manager is still locked/);
      t.regex(refusal.sentence, /give the other of the two/);
      t.is(world.member.describe().localState, 'locked');
      await world.member.unlock(keyOf(second));
      t.deepEqual(manager.unlockedWith, [keyOf(first), keyOf(second)], 'none is given twice');
      manager.events?.onUnlockKey(keyOf(2));
      await passing(world, 'one key opens both', () => world.certificates.unlockKey === keyOf(2));
      t.truthy(world.certificates.tls());
    }));

test('a manager that ends while the key is replaced is given both that the agent knows, each once', (t) =>
  withManager(async (_, world) => {
    await world.certificates.seal(keyOf(1));
    const { manager } = world;
    // It is not sealed with the new one yet.
    manager.events?.onUnlockKey(keyOf(2));
    manager.state = 'locked';
    manager.opensWith = [keyOf(1), keyOf(2), keyOf(3)];
    manager.events?.onLocked();
    t.deepEqual(manager.unlockedWith, [keyOf(1), keyOf(2)]);
    t.is(manager.state, 'locked');
    manager.events?.onLocked();
    t.is(manager.unlockedWith.length, 2);
    manager.pid += 1;
    manager.events?.onLocked();
    t.deepEqual(manager.unlockedWith.slice(2), [keyOf(1), keyOf(2)], 'its next life is given them anew');
    await passing(world, 'it is sealed with the new one', () => world.certificates.unlockKey === keyOf(2));
  }));

test('a manager’s node that is a worker before somebody opened its key is opened as one that is locked', (t) =>
  withManager(async (cluster, world) => {
    await world.certificates.seal(keyOf(1));
    await world.identity.change({ role: 'worker', retired: true, founder: false });
    cluster.nodes.set(world.identity.current.nodeId, { role: NodeRole.WORKER, removed: false });
    await world.start();
    t.is(world.member.describe().localState, 'locked');
    await world.member.unlock(keyOf(1));
    await passing(world, 'it is with the leader', () => world.member.isConnected && world.member.describe().localState === 'active');
    t.is(world.certificates.role, 'worker');
    t.false(await isSealed(world));
  }));

test('a key that did not open the manager is not tried again by itself', (t) =>
  withManager(async (_, world) => {
    const tried: string[] = [];
    world.manager.onStart = async () => ({ kind: 'locked', why: 'its state is shut' });
    await world.start();
    const { manager } = world;
    manager.unlock = async (key) => {
      tried.push(key);
      return { kind: 'failed', message: 'the key does not fit' };
    };
    await t.throwsAsync(world.member.unlock(keyOf(2)), { code: 'FAILED_PRECONDITION', message: /does not fit/ });
    manager.events?.onLocked();
    t.deepEqual(tried, [keyOf(2)]);
    t.is(world.member.describe().localState, 'locked');
  }));

test('a manager that was open and starts again is opened by what the agent knows', (t) =>
  withManager(async (_, world) => {
    await world.certificates.seal(keyOf(1));
    world.manager.state = 'locked';
    world.manager.events?.onLocked();
    t.deepEqual(world.manager.unlockedWith, [keyOf(1)]);
  }));

test('a renewed certificate is sealed as the one before, but not a worker’s: nobody would be there to open it', (t) =>
  withManager(async (cluster, world) => {
    await world.certificates.seal(keyOf(1));
    await world.renewFrom(cluster);
    t.true(await isSealed(world));
    cluster.nodes.set(world.identity.current.nodeId, { role: NodeRole.WORKER, removed: false });
    await world.renewFrom(cluster);
    t.false(await isSealed(world));
    t.is(world.certificates.role, 'worker');
  }));

test('a rotation of the root renews at once, tells manager and leader, and drops no session', (t) =>
  withManager(async (cluster, world) => {
    await eventually('it is with the leader', () => world.member.isConnected);
    const { session } = cluster;
    cluster.epoch = 2;
    session?.say({ update: cluster.update(world.identity.current.nodeId) });
    await eventually('the leader hears of it', () => session?.identities.some(({ authorityEpoch }) => authorityEpoch === 2) === true);
    t.is(world.manager.renewals, 1);
    t.is(cluster.sessions.length, 1);
    t.true(world.member.isConnected);
    t.is(world.certificates.held().authorityEpoch, 2);
  }));

test('a clock that was wrong while the agent started costs the node nothing once it is right', (t) =>
  withManager(async (_, world) => {
    let offMs = -10 * 86_400_000;
    const clock = { now: () => Date.now() + offMs, monotonic: () => 0, setTimer: () => () => undefined };
    const certificates = new NodeCertificates({ directory: world.certificates.directory }, { clock, logger: world.log });
    await certificates.load();
    t.throws(() => certificates.tls(), { message: /is not valid before/ });
    offMs = 3_600_000;
    t.throws(() => certificates.tls());
    await passing(world, 'it is used', () => certificates.problem === '');
    t.truthy(certificates.tls());
  }));

test('a certificate that cannot be used is a state of the node, not the end of its agent', (t) =>
  withManager(async (_, world) => {
    const late = { now: () => Date.now() + 100 * 86_400_000, monotonic: () => 0, setTimer: () => () => undefined };
    const expired = new NodeCertificates({ directory: world.certificates.directory }, { clock: late, logger: world.log });
    await expired.load();
    t.regex(expired.problem, /has expired/);
    t.throws(() => expired.tls(), { message: /has expired/ });
    t.is(expired.role, 'manager');
    const none = new NodeCertificates({ directory: join(world.paths.dataDir, 'nowhere') }, { clock: late, logger: world.log });
    await none.load();
    t.is(none.problem, '');
    t.deepEqual(none.held(), { authorityEpoch: 0, role: NodeRole.WORKER });
    t.throws(() => none.tls(), { message: /no certificate of a cluster yet/ });
  }));

test('a key that could not be sealed is sealed as soon as that can be done', (t) =>
  withManager(async (_, world) => {
    const current = await realpath(join(world.paths.dataDir, 'identity/current'));
    await rename(join(current, 'key.pem'), join(current, 'away'));
    world.manager.events?.onUnlockKey(keyOf(1));
    await passing(world, 'it failed', () => world.log.lines.some(({ message }) => message.includes('could not be sealed')));
    t.is(world.certificates.unlockKey, '');
    await rename(join(current, 'away'), join(current, 'key.pem'));
    await passing(world, 'it is sealed', () => world.certificates.unlockKey === keyOf(1));
    t.true(await isSealed(world));
  }));
