import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TsoError } from '@tso/proto';
import test from 'ava';
import { identityDir, managerStateDir } from '../paths.ts';
import { MemberWorld, passing } from '../testing/member-world.ts';
import { TestCluster } from '../testing/test-cluster.ts';

async function* backup(...parts: readonly string[]): AsyncIterable<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

/** A manager that makes of a backup what the test cluster is: its certificate, and somebody who welcomes. */
const restores = (cluster: TestCluster, world: MemberWorld): void => {
  world.manager.onStart = async ({ nodeId }, order) => {
    await mkdir(managerStateDir(world.paths), { recursive: true });
    await writeFile(join(managerStateDir(world.paths), 'log'), order?.kind ?? 'as before');
    if (order?.kind === 'restore') {
      cluster.nodes.set(nodeId, { role: 1, removed: false });
      await world.renewFrom(cluster);
      world.restored.push({ text: await readFile(order.file, 'utf8'), mode: (await stat(order.file)).mode & 0o777 });
    }
    return { kind: 'ready' };
  };
};

const log = (world: MemberWorld): Promise<string> => readFile(join(managerStateDir(world.paths), 'log'), 'utf8');

const withNode = (body: (cluster: TestCluster, world: MemberWorld) => Promise<void>): Promise<void> =>
  TestCluster.run(1, (cluster) =>
    MemberWorld.run(async (world) => {
      world.ownManagerAt = cluster.addresses[0];
      await world.start();
      restores(cluster, world);
      await body(cluster, world);
    }),
  );

test('a backup is handed to the manager in a file that only root reads, and the node is its first manager', (t) =>
  withNode(async (cluster, world) => {
    const { nodeId } = world.identity.current;
    const restored = await world.member.restore(backup('the ', 'state'), { force: false });
    t.deepEqual(world.restored, [{ text: 'the state', mode: 0o600 }]);
    t.like(restored, { nodeId, membership: { clusterId: 'cluster-1', role: 'manager', founder: true } });
    t.is(world.manager.starts.length, 1);
    t.like(world.manager.starts[0]?.order, { kind: 'restore' });
    t.deepEqual(
      (await readdir(world.paths.dataDir)).filter((name) => /restore/.test(name)),
      [],
    );
    t.is(cluster.sessions.length, 1);
  }));

test('a node that is part of a cluster is restored only by force, and is what it was when that fails', (t) =>
  withNode(async (cluster, world) => {
    await world.member.join({ token: cluster.token('manager'), remoteAddr: cluster.addresses[0] ?? '' });
    const before = world.identity.current;
    const refusal = await t.throwsAsync(world.member.restore(backup('state'), { force: false }), {
      instanceOf: TsoError,
      code: 'CONFLICT',
    });
    t.regex(refusal?.sentence ?? '', /tso restore --force/);
    const { onStart } = world.manager;
    world.manager.onStart = async (settings, order) => {
      if (order?.kind !== 'restore') return onStart(settings, order);
      await onStart(settings, order);
      return { kind: 'failed', message: 'the backup is damaged' };
    };
    await t.throwsAsync(world.member.restore(backup('state'), { force: true }), { message: /nothing was restored: the backup is damaged/ });
    t.deepEqual(world.identity.current, before);
    t.is(await log(world), 'as before');
    t.true(world.manager.isThere);
    await passing(world, 'it is with its cluster again', () => world.member.isConnected);
    restores(cluster, world);
    await world.member.restore(backup('state'), { force: true });
    t.is(await log(world), 'restore');
    t.is(world.identity.current.nodeId, before.nodeId);
  }));

test('an agent that ended in the middle of a restore is what it was before', (t) =>
  withNode(async (cluster, world) => {
    await world.member.join({ token: cluster.token('manager'), remoteAddr: cluster.addresses[0] ?? '' });
    const before = world.identity.current;
    const certificate = await readFile(join(identityDir(world.paths), 'current', 'cert.pem'), 'utf8');
    const { onStart } = world.manager;
    world.manager.onStart = async (settings, order) => {
      await onStart(settings, order);
      // Nobody hears the answer of this one.
      return order?.kind === 'restore' ? world.ended : { kind: 'ready' };
    };
    void world.member.restore(backup('state'), { force: true }).catch(() => undefined);
    await passing(world, 'it restores', () => world.restored.length === 1);
    restores(cluster, world);
    await world.startAfterCrash();
    t.deepEqual(
      (await readdir(world.paths.dataDir)).filter((name) => /restore/.test(name)),
      [],
      'the backup does not stay on the disk',
    );
    t.deepEqual(world.identity.current, before);
    t.is(await log(world), 'as before');
    t.is(await readFile(join(identityDir(world.paths), 'current', 'cert.pem'), 'utf8'), certificate);
  }));

test('a backup whose node cannot be given its addresses is not left on the disk', (t) =>
  withNode(async (_, world) => {
    const before = await readdir(world.paths.dataDir);
    const said = { force: false, listenAddr: 'nowhere:port' };
    await t.throwsAsync(world.member.restore(backup('the keys'), said), { code: 'INVALID_ARGUMENT' });
    t.deepEqual((await readdir(world.paths.dataDir)).toSorted(), before.toSorted());
  }));

test('a backup that is empty, or breaks off, changes nothing', (t) =>
  withNode(async (_, world) => {
    async function* broken(): AsyncIterable<Uint8Array> {
      yield Buffer.from('half');
      throw new Error('the connection was reset');
    }
    const before = await readdir(world.paths.dataDir);
    await t.throwsAsync(world.member.restore(backup(), { force: false }), { code: 'INVALID_ARGUMENT', message: /empty/ });
    await t.throwsAsync(world.member.restore(broken(), { force: false }), { code: 'UNAVAILABLE', message: /did not arrive whole/ });
    t.deepEqual((await readdir(world.paths.dataDir)).toSorted(), before.toSorted());
    t.is(world.identity.current.membership, undefined);
  }));
