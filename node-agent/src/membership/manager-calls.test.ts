import { NodeRole, TsoError } from '@tso/proto';
import { RpcChannel } from '@tso/proto/rpc';
import test from 'ava';
import { limits } from '../limits.ts';
import { CollectedLog } from '../testing/collected-log.ts';
import { eventually } from '../testing/eventually.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { MemberWorld } from '../testing/member-world.ts';
import { TestCluster } from '../testing/test-cluster.ts';
import { ManagerCalls } from './manager-calls.ts';
import { outcomeOf, refusalIn } from './session-outcome.ts';

interface World {
  readonly cluster: TestCluster;
  readonly nodeId: string;
  readonly clock: ManualClock;
  readonly answered: string[];
  /** Asks for a certificate, at these addresses. */
  readonly ask: (addresses: readonly string[]) => Promise<NodeRole>;
  readonly calls: ManagerCalls;
}

const withCalls = (managers: number, body: (world: World) => Promise<void>): Promise<void> =>
  TestCluster.run(managers, (cluster) =>
    MemberWorld.run(async (node) => {
      await node.start();
      await node.member.join({ token: cluster.token('worker'), remoteAddr: cluster.addresses[0] ?? '' });
      const clock = new ManualClock();
      const answered: string[] = [];
      let known: readonly string[] = [];
      const calls = new ManagerCalls({
        clock,
        logger: new CollectedLog(),
        ways: () => ({ own: false, ownAddress: '', addresses: known }),
        connect: (target) => {
          if (target.kind === 'own') throw new TsoError('UNAVAILABLE', 'there is none');
          return new RpcChannel(target.address, { tls: node.certificates.tls() });
        },
        onAnswer: (address) => answered.push(address),
      });
      const { csr } = await node.certificates.newKey();
      const ask = async (addresses: readonly string[]): Promise<NodeRole> => {
        known = addresses;
        return (await calls.ask((ca, deadlineMs) => ca.renew({ csr }, { deadlineMs }))).role;
      };
      await body({ cluster, nodeId: node.identity.current.nodeId, clock, answered, ask, calls });
    }),
  );

test('one manager after the other is asked until one answers, and which one that was is known', (t) =>
  withCalls(2, async ({ cluster, ask, answered }) => {
    const [first = '', second = ''] = cluster.addresses;
    await cluster.stopManager(first);
    t.is(await ask([first, second]), NodeRole.WORKER);
    t.deepEqual(answered, [second]);
  }));

test('when nobody answers it is said what came of each', (t) =>
  withCalls(2, async ({ cluster, ask }) => {
    for (const address of cluster.addresses) await cluster.stopManager(address);
    const error = await t.throwsAsync(ask(cluster.addresses), { code: 'UNAVAILABLE' });
    for (const address of cluster.addresses) t.true(error?.message.includes(`${address}: `));
    await t.throwsAsync(ask([]), { message: /none is known/ });
  }));

test('what a manager refuses is not asked of the next one, and means what it says', (t) =>
  withCalls(2, async ({ cluster, nodeId, ask, answered }) => {
    cluster.nodes.set(nodeId, { role: NodeRole.WORKER, removed: true });
    const error = await t.throwsAsync(ask(cluster.addresses), { code: 'PERMISSION_DENIED' });
    t.is(refusalIn(error), 'removed');
    t.deepEqual(answered, []);
    t.is(cluster.asked.filter((it) => it.startsWith('renew')).length, 0);
  }));

test('a manager that says nothing is left for the next one', (t) =>
  withCalls(2, async ({ cluster, clock, ask, calls, answered }) => {
    await ask(cluster.addresses);
    let questions = 0;
    const asked = calls.ask(async (ca, deadlineMs) => {
      questions += 1;
      if (questions === 1) return new Promise<never>(() => undefined);
      return ca.leave({}, { deadlineMs });
    });
    await eventually('it waits', () => clock.pending === 1);
    clock.advance(limits.managerCallMs);
    await asked;
    t.deepEqual(answered, cluster.addresses);
    t.is(clock.pending, 0);
  }));

test('a node that lets go asks nobody any more', (t) =>
  withCalls(1, async ({ cluster, ask, calls }) => {
    calls.close();
    await t.throwsAsync(ask(cluster.addresses), { code: 'UNAVAILABLE' });
    t.false(cluster.asked.some((it) => it.startsWith('renew')));
    calls.open();
    t.is(await ask(cluster.addresses), NodeRole.WORKER);
  }));

test('only what a manager said itself is believed of what it means for this node', (t) => {
  const local = new TsoError('PERMISSION_DENIED', 'the peer is not whom we call', { details: { reason: 'removed', leader: 'x:1' } });
  t.is(refusalIn(local), undefined);
  t.deepEqual(outcomeOf(local, false), { kind: 'failed' });
  t.deepEqual(outcomeOf(new TsoError('UNAVAILABLE', 'no connection', { details: { leader: 'x:1' } }), false), { kind: 'failed' });
  t.deepEqual(outcomeOf(new Error('reset'), true), { kind: 'lost' });
  t.is(refusalIn(new Error('x')), undefined);
});
