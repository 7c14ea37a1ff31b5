import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NodeRole } from '@tso/proto';
import test from 'ava';
import { limits } from '../limits.ts';
import { managerStateDir } from '../paths.ts';
import { eventually } from '../testing/eventually.ts';
import { MemberWorld, passing } from '../testing/member-world.ts';
import { TestCluster } from '../testing/test-cluster.ts';
import type { NodeKind } from './role-steps.ts';

const roles = { manager: NodeRole.MANAGER, worker: NodeRole.WORKER } as const;

const withNode = (role: NodeKind, body: (cluster: TestCluster, world: MemberWorld) => Promise<void>): Promise<void> =>
  TestCluster.run(1, (cluster) =>
    MemberWorld.run(async (world) => {
      // As a real one does: it has something on disk from its start on.
      world.manager.onStart = async () => {
        await mkdir(managerStateDir(world.paths), { recursive: true });
        await writeFile(join(managerStateDir(world.paths), 'log'), 'x');
        return { kind: 'ready' };
      };
      await world.start();
      await world.member.join({ token: cluster.token(role), remoteAddr: cluster.addresses[0] ?? '' });
      await passing(world, 'it is with the leader', () => world.member.isConnected);
      await body(cluster, world);
    }),
  );

/** What the cluster decides, and says on the session if there is one. */
const decide = (cluster: TestCluster, world: MemberWorld, role: NodeKind): void => {
  const { nodeId } = world.identity.current;
  cluster.nodes.set(nodeId, { role: roles[role], removed: false });
  cluster.session?.say({ update: cluster.update(nodeId) });
};

const hasState = async (world: MemberWorld): Promise<boolean> => (await readdir(world.paths.dataDir)).includes('manager');

const isDone = (world: MemberWorld, role: NodeKind): boolean =>
  world.certificates.role === role &&
  world.identity.current.membership?.role === role &&
  !world.identity.current.membership.retired &&
  world.manager.isThere === (role === 'manager');

test('a promoted node gets a certificate for that, then starts its manager on one that is there, and says both', (t) =>
  withNode('worker', async (cluster, world) => {
    decide(cluster, world, 'manager');
    await passing(world, 'it is a manager', () => isDone(world, 'manager') && world.member.describe().controlAvailable);
    t.is(world.manager.starts[0]?.settings.join, cluster.addresses[0]);
    await passing(world, 'it says so', () =>
      cluster.sessions.some(({ hello, identities }) => [hello.identity, ...identities].some((it) => it?.role === NodeRole.MANAGER)),
    );
    t.is(cluster.asked.filter((it) => it.startsWith('renew')).length, 1);
  }));

test('a demoted node ends its manager, erases what that had, and has a worker’s certificate', (t) =>
  withNode('manager', async (cluster, world) => {
    t.true(await hasState(world));
    decide(cluster, world, 'worker');
    await passing(world, 'it is a worker', () => isDone(world, 'worker'));
    t.false(await hasState(world));
    t.false(world.member.describe().controlAvailable);
  }));

test('a manager that was taken out of the group is not started again, and its node asks what it is now', (t) =>
  withNode('manager', async (cluster, world) => {
    const { nodeId } = world.identity.current;
    cluster.nodes.set(nodeId, { role: NodeRole.WORKER, removed: false });
    world.manager.events?.onRemoved();
    await passing(world, 'it is a worker', () => isDone(world, 'worker'));
    t.is(world.manager.starts.length, 1);
    t.false(await hasState(world));
  }));

test('a cluster that does not give the certificate yet is asked again, later each time, and what is the matter is shown', (t) =>
  withNode('worker', async (cluster, world) => {
    const { nodeId } = world.identity.current;
    cluster.session?.say({ update: { ...cluster.update(nodeId), role: NodeRole.MANAGER } });
    const asked = () => cluster.asked.filter((it) => it.startsWith('renew')).length;
    for (const [index, pauseMs] of [500, 1_000, 2_000].entries()) {
      await eventually('it asked', () => asked() === index + 1 && world.clock.delays.includes(pauseMs));
      t.regex(world.member.describe().problem, /gave a certificate for a worker, not for a manager/);
      await passing(world, 'it asks again', () => asked() === index + 2);
    }
    t.deepEqual(world.manager.starts, []);
    decide(cluster, world, 'manager');
    await passing(world, 'it is a manager', () => isDone(world, 'manager'));
    t.is(world.member.describe().problem, '');
    t.true(limits.roleRetryMaxMs > limits.roleRetryMinMs);
  }));

/** Ends the agent as SIGKILL would after so many writes and questions, and gives it a next life. */
for (const from of ['worker', 'manager'] as const) {
  const to: NodeKind = from === 'worker' ? 'manager' : 'worker';
  test(`wherever the agent ends on the way from ${from} to ${to}, the next one arrives there`, async (t) => {
    for (const point of ['wish', 'stop', 'erase', 'renew', 'start'] as const) {
      await withNode(from, async (cluster, world) => {
        const { nodeId } = world.identity.current;
        cluster.nodes.set(nodeId, { role: roles[to], removed: false });
        // As far as it had come: every step before the point is done, nothing after it.
        await world.member.stop();
        await world.identity.change(to === 'worker' ? { role: 'worker', retired: true, founder: false } : { role: 'manager' });
        if (point !== 'wish' && point !== 'stop' && to === 'worker') await world.eraseManager();
        if (point === 'renew' || point === 'start') await world.renewFrom(cluster);
        await world.start();
        await passing(world, `it is a ${to}, after it ended at ${point}`, () => isDone(world, to));
        t.is(await hasState(world), to === 'manager', point);
        t.is(world.manager.starts.length, to === 'manager' ? 1 : 0, point);
        await passing(world, 'it is with the leader', () => world.member.isConnected);
      });
    }
  });
}

test('who is demoted and promoted again before the first was done starts anew, never on what left the group', (t) =>
  withNode('manager', async (cluster, world) => {
    await world.member.stop();
    await world.identity.change({ role: 'worker', retired: true, founder: false });
    await world.identity.change({ role: 'manager' });
    let found: readonly string[] = ['nothing was started'];
    world.manager.onStart = async () => {
      found = (await hasState(world)) ? await readdir(managerStateDir(world.paths)) : [];
      return { kind: 'ready' };
    };
    await world.start();
    await passing(world, 'it is a manager', () => isDone(world, 'manager') && world.member.describe().controlAvailable);
    t.deepEqual(found, []);
    t.is(cluster.asked.filter((it) => it.startsWith('renew')).length, 1);
  }));
