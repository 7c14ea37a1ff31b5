import { emptyMeta, type Manager, NodeRole, NodeState, type StoreAction, TsoError } from '@tso/proto';
import test from 'ava';
import type { Member, MemberList } from './api/members-port.ts';
import { node } from './dispatcher/dispatcher-fixture.ts';
import { RolesKeeper } from './roles-keeper.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { silentLogger } from './testing/ports.ts';
import { LaggingMember, SharedLog } from './testing/shared-log.ts';
import { authorityWith } from './testing/specs.ts';

const authority = authorityWith();

const manager = (raftId: number, nodeId: string): Manager => ({
  id: `${raftId}`,
  meta: emptyMeta,
  raftId,
  nodeId,
  address: `${nodeId}:1`,
  wantsVote: true,
  removed: false,
});

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 500; turn++) await Promise.resolve();
};

/** A leader's keeper among managers a (which leads), b and c. */
const world = async (...actions: readonly StoreAction[]) => {
  const log = new SharedLog();
  const putManagers = ['a', 'b', 'c'].map((nodeId, index) => ({ putManager: manager(index + 1, nodeId) }));
  const nodes = ['a', 'b', 'c'].map((id) => ({ putNode: node(id, { role: NodeRole.MANAGER, wantedRole: NodeRole.MANAGER }) }));
  log.append({ actions: [{ putAuthority: authority }, ...nodes, ...putManagers, ...actions], expect: [], atMs: 1, origin: 'test' });
  const proposer = new LaggingMember(log);
  await proposer.fresh();
  const clock = new ManualClock();
  const voters = new Set([1, 2, 3]);
  const silent = new Set<number>();
  const asked: number[] = [];
  let failure: TsoError | undefined;
  const memberOf = (one: Manager): Member => ({
    manager: one,
    voter: voters.has(one.raftId),
    leader: one.raftId === 1,
    reachable: !silent.has(one.raftId),
    match: 1,
  });
  const list = async (): Promise<MemberList> => {
    if (failure !== undefined) throw failure;
    return { members: proposer.view.managers().map(memberOf), leader: 1, term: 1, committed: 1, self: 1 };
  };
  const during: { removal: () => Promise<unknown> } = { removal: async () => undefined };
  const remove = async (raftId: number) => {
    asked.push(raftId);
    await during.removal();
    if (failure !== undefined) throw failure;
    const known = proposer.view.manager(`${raftId}`) ?? manager(raftId, '?');
    const { index } = await proposer.propose({
      actions: [{ putManager: { ...known, removed: true } }],
      expect: [],
      atMs: 1,
      origin: 'members',
    });
    voters.delete(raftId);
    return { index };
  };
  const another = (): RolesKeeper => new RolesKeeper({ proposer, members: { list, remove }, clock, logger: silentLogger });
  const keeper = another();
  const change = async (id: string, more: Parameters<typeof node>[1]): Promise<void> => {
    const known = log.tables.node(id) ?? node(id);
    await proposer.propose({ actions: [{ putNode: { ...known, ...more } }], expect: [], atMs: 1, origin: 'test' });
    await settled();
  };
  const look = async (): Promise<void> => {
    clock.advance(200);
    await settled();
  };
  const fail = (error: TsoError | undefined): void => {
    failure = error;
  };
  await keeper.start();
  await settled();
  return { log, keeper, another, proposer, clock, voters, silent, asked, during, change, look, fail };
};

const role = ({ log }: Awaited<ReturnType<typeof world>>, id: string): NodeRole | undefined => log.tables.node(id)?.role;

test('a demotion takes the manager out of the group and then calls its node a worker', async (t) => {
  const it = await world();
  await it.change('b', { wantedRole: NodeRole.WORKER });
  t.deepEqual(it.asked, [2]);
  t.is(role(it, 'b'), NodeRole.WORKER);
  t.is(it.clock.pending, 0, 'nothing is left to look after');
  await it.keeper.stop();
});

test('a newcomer is called a manager when it has a vote', async (t) => {
  const it = await world({ putNode: node('d', { wantedRole: NodeRole.MANAGER }) });
  await it.proposer.propose({ actions: [{ putManager: manager(4, 'd') }], expect: [], atMs: 1, origin: 'members' });
  await settled();
  t.is(role(it, 'd'), NodeRole.WORKER);
  it.voters.add(4);
  await it.look();
  t.is(role(it, 'd'), NodeRole.MANAGER);
  await it.keeper.stop();
});

test('a manager stays while the others could not decide without it, and leaves once they can', async (t) => {
  const it = await world();
  it.silent.add(3);
  await it.change('b', { wantedRole: NodeRole.WORKER });
  await it.look();
  t.deepEqual(it.asked, []);
  it.silent.delete(3);
  await it.look();
  t.is(role(it, 'b'), NodeRole.WORKER);
  await it.keeper.stop();
});

test('a removed node is forgotten once its manager is out and it is down, in that order', async (t) => {
  const it = await world();
  await it.change('b', { removing: true });
  t.is(role(it, 'b'), NodeRole.WORKER);
  t.not(it.log.tables.node('b'), undefined);
  await it.change('b', { state: NodeState.NODE_DOWN });
  t.is(it.log.tables.node('b'), undefined);
  t.is(it.log.tables.manager('2')?.removed, true, 'its id is never used again');
  await it.keeper.stop();
});

test('what cannot be done now is tried again, by whoever leads then', async (t) => {
  const it = await world();
  it.fail(new TsoError('UNAVAILABLE', 'leadership moved on'));
  await it.change('b', { wantedRole: NodeRole.WORKER });
  await it.look();
  t.is(role(it, 'b'), NodeRole.MANAGER);
  await it.keeper.stop();
  t.deepEqual([it.clock.pending, it.proposer.subscribers], [0, 0]);
  it.fail(undefined);
  const next = it.another();
  await next.start();
  await settled();
  t.is(role(it, 'b'), NodeRole.WORKER);
  await next.stop();
});

test('what becomes of a node while another manager is taken out is not undone', async (t) => {
  const it = await world({ putNode: node('d', { wantedRole: NodeRole.MANAGER }) }, { putManager: manager(4, 'd') });
  it.voters.add(4);
  it.during.removal = () => {
    const labelled = { ...(it.log.tables.node('d') ?? node('d')), labels: { zone: 'x' } };
    return it.proposer.propose({ actions: [{ putNode: labelled }], expect: [], atMs: 1, origin: 'test' });
  };
  await it.change('b', { wantedRole: NodeRole.WORKER });
  await it.look();
  t.is(role(it, 'b'), NodeRole.WORKER);
  t.like(it.log.tables.node('d'), { role: NodeRole.MANAGER, labels: { zone: 'x' } });
  await it.keeper.stop();
});

test('a manager that was called back while another was taken out stays', async (t) => {
  const it = await world();
  it.during.removal = async () => {
    const back = { ...(it.log.tables.node('c') ?? node('c')), wantedRole: NodeRole.MANAGER };
    await it.proposer.propose({ actions: [{ putNode: back }], expect: [], atMs: 1, origin: 'test' });
  };
  const actions = ['b', 'c'].map((id) => ({ putNode: { ...(it.log.tables.node(id) ?? node(id)), wantedRole: NodeRole.WORKER } }));
  await it.proposer.propose({ actions, expect: [], atMs: 1, origin: 'test' });
  await settled();
  await it.look();
  t.deepEqual(it.asked, [2]);
  t.is(role(it, 'c'), NodeRole.MANAGER);
  await it.keeper.stop();
});

test('a manager that cannot be taken out just now keeps no other node waiting', async (t) => {
  const it = await world({ putNode: node('d', { wantedRole: NodeRole.MANAGER }) }, { putManager: manager(4, 'd') });
  it.voters.add(4);
  it.during.removal = () => Promise.reject(new TsoError('DEADLINE_EXCEEDED', 'it was not made in time'));
  await it.change('b', { wantedRole: NodeRole.WORKER });
  await it.look();
  t.is(role(it, 'b'), NodeRole.MANAGER);
  t.is(role(it, 'd'), NodeRole.MANAGER);
  await it.keeper.stop();
});
