import { emptyMeta, type TsoError } from '@tso/proto';
import type { CallContext } from '@tso/proto/rpc';
import test from 'ava';
import fc from 'fast-check';
import { managersHandlers } from './managers.ts';
import { caughtUpEntries, type MemberWish, memberProblem } from './member-rules.ts';
import type { Member, MemberList, Members } from './members-port.ts';

const context: CallContext = {
  peer: 'test',
  roles: ['client'],
  identity: undefined,
  signal: new AbortController().signal,
  header: () => undefined,
};

const member = (raftId: number, more: Partial<Omit<Member, 'manager'>> & { readonly removed?: boolean } = {}): Member => {
  const { removed = false, ...rest } = more;
  const manager = { id: `${raftId}`, meta: emptyMeta, raftId, nodeId: `n${raftId}`, address: `host${raftId}:7`, wantsVote: true, removed };
  return { manager, voter: true, leader: raftId === 1, reachable: true, match: 5_000, ...rest };
};

const learner = (raftId: number, more: Parameters<typeof member>[1] = {}): Member => member(raftId, { voter: false, ...more });
const dead = (raftId: number): Member => member(raftId, { reachable: false });

const group = (...members: readonly Member[]): MemberList => ({ members, leader: 1, term: 4, committed: 5_000, self: 2 });

const verdict = (list: MemberList, wish: MemberWish, raftId: number): string => {
  const problem: TsoError | undefined = memberProblem(list, wish, raftId);
  return problem === undefined ? 'accepted' : `${problem.code}: ${problem.sentence}`;
};

test('a manager that is not there is refused with those that are', (t) => {
  const list = group(member(1), member(2), learner(4), member(3, { removed: true, voter: false }));
  for (const wish of ['promote', 'demote', 'remove', 'transfer'] as const) {
    t.is(verdict(list, wish, 9), 'NOT_FOUND: there is no manager 9. There are 1, 2, 4');
    t.is(verdict(list, wish, 3), 'NOT_FOUND: manager 3 was removed, and an id is never used again. There are 1, 2, 4');
    t.regex(verdict(list, wish, 0), /^INVALID_ARGUMENT: it was not said which manager is meant/);
    t.regex(verdict({ ...list, leader: 0 }, wish, 2), /^UNAVAILABLE: no manager leads just now/);
  }
  t.is(verdict(group(member(1)), 'remove', 2), 'NOT_FOUND: there is no manager 2. The only one is 1');
});

test('a learner is given a vote once it has caught up, and can be heard', (t) => {
  const promote = (one: Member) => verdict(group(member(1), member(2), one), 'promote', one.manager.raftId);
  t.is(promote(learner(3)), 'accepted');
  t.is(promote(learner(3, { match: 5_000 - caughtUpEntries })), 'accepted');
  t.regex(promote(learner(3, { match: 3_999 })), /^FAILED_PRECONDITION: manager 3 \(host3:7\) lacks 1001 entries of the log/);
  t.regex(promote(learner(3, { reachable: false })), /^FAILED_PRECONDITION: nothing is heard of manager 3 \(host3:7\)/);
  t.is(promote(member(3)), 'FAILED_PRECONDITION: manager 3 (host3:7) has a vote already');
});

test('the vote of a learner, and of the only voter, cannot be taken', (t) => {
  const list = group(member(1), learner(2));
  t.is(verdict(list, 'demote', 2), 'FAILED_PRECONDITION: manager 2 (host2:7) is a learner and has no vote to lose');
  for (const wish of ['demote', 'remove'] as const) {
    t.regex(verdict(list, wish, 1), /^FAILED_PRECONDITION: manager 1 \(host1:7\) is the only voter: without it nobody decides/);
  }
  t.is(verdict(list, 'remove', 2), 'accepted');
});

test('a voter stays when those left could not decide, and a dead one may go', (t) => {
  const list = group(member(1), member(2), dead(3));
  for (const wish of ['demote', 'remove'] as const) {
    t.is(verdict(list, wish, 3), 'accepted');
    t.regex(
      verdict(list, wish, 2),
      /would leave 2 voters of which 1 can be reached, and 2 are needed to decide: nothing is heard of manager 3/,
    );
    t.regex(verdict(list, wish, 1), /^FAILED_PRECONDITION/);
  }
});

test('leadership goes to another voter that answers', (t) => {
  const list = group(member(1), member(2), dead(3), learner(4));
  t.is(verdict(list, 'transfer', 2), 'accepted');
  t.is(verdict(list, 'transfer', 1), 'FAILED_PRECONDITION: manager 1 (host1:7) leads already');
  t.regex(verdict(list, 'transfer', 3), /^FAILED_PRECONDITION: nothing is heard of manager 3 .* it cannot take over/);
  t.regex(verdict(list, 'transfer', 4), /^FAILED_PRECONDITION: manager 4 .* is a learner and cannot lead/);
});

const members = fc
  .uniqueArray(fc.record({ raftId: fc.integer({ min: 2, max: 8 }), voter: fc.boolean(), reachable: fc.boolean() }), {
    selector: ({ raftId }) => raftId,
  })
  .map((others) => group(member(1), ...others.map(({ raftId, voter, reachable }) => member(raftId, { voter, reachable }))));

test('no accepted change takes away a majority that is there', (t) => {
  fc.assert(
    fc.property(members, fc.constantFrom('promote', 'demote', 'remove'), fc.integer({ min: 1, max: 8 }), (list, wish, raftId) => {
      const decides = (voters: readonly Member[]): boolean => 2 * voters.filter(({ reachable }) => reachable).length > voters.length;
      fc.pre(decides(list.members.filter(({ voter }) => voter)) && memberProblem(list, wish, raftId) === undefined);
      const after = list.members.filter(({ voter, manager }) => (manager.raftId === raftId ? wish === 'promote' : voter));
      t.true(decides(after), `${wish} ${raftId}`);
    }),
  );
});

const portOf = (list: MemberList): { readonly port: Members; readonly asked: string[] } => {
  const asked: string[] = [];
  const change = (what: string) => async (raftId: number) => {
    asked.push(`${what} ${raftId}`);
    return { index: 77 };
  };
  const port = {
    list: async () => list,
    promote: change('promote'),
    demote: change('demote'),
    remove: change('remove'),
    transfer: change('transfer'),
  };
  return { port, asked };
};

test('what is accepted is done by whoever leads, what is refused is not asked of it', async (t) => {
  const { port, asked } = portOf(group(member(1), member(2), member(3), learner(4)));
  const handlers = managersHandlers(port, 'n2');
  t.deepEqual(await handlers.promoteManager({ raftId: 4 }, context), { index: 77 });
  t.deepEqual(await handlers.demoteManager({ raftId: 3 }, context), { index: 77 });
  t.deepEqual(await handlers.removeManager({ raftId: 1 }, context), { index: 77 });
  t.deepEqual(await handlers.transferLeadership({ raftId: 2 }, context), { index: 77 });
  await t.throwsAsync(handlers.promoteManager({ raftId: 3 }, context), { code: 'FAILED_PRECONDITION' });
  await t.throwsAsync(handlers.removeManager({ raftId: 9 }, context), { code: 'NOT_FOUND' });
  t.deepEqual(asked, ['promote 4', 'demote 3', 'remove 1', 'transfer 2']);
});

test('the list is by raft id, without those that were removed', async (t) => {
  const { port } = portOf(group(learner(10), member(2), member(1), member(3, { removed: true, voter: false })));
  const { managers, ...rest } = await managersHandlers(port, 'n2').listManagers({}, context);
  t.deepEqual(
    managers.map(({ manager, voter, leader }) => [manager.raftId, voter, leader]),
    [
      [1, true, true],
      [2, true, false],
      [10, false, false],
    ],
  );
  t.deepEqual(rest, { leader: 1, term: 4, committed: 5_000, answeredBy: 2 });
});

test('who asked goes with it to whoever leads', async (t) => {
  const { port } = portOf(group(member(1), member(2), member(3)));
  const seen: unknown[] = [];
  const noting: Members = {
    ...port,
    demote: async (raftId, asked) => {
      seen.push(asked);
      return { index: raftId };
    },
  };
  await managersHandlers(noting, 'n2').demoteManager(
    { raftId: 3 },
    { ...context, header: (name) => (name === 'tso-actor' ? 'ana' : undefined) },
  );
  t.like(seen[0], {
    audit: { actor: 'ana', source: 'socket', manager: 'n2', method: '/tso.v1.Managers/DemoteManager', target: 'manager 3' },
    headers: { 'tso-forwarded': '{"actor":"ana","role":"client","source":"socket","requestId":""}' },
  });
});

test('where nodes have roles, these decide who is a manager: an operator takes nobody out behind their back', async (t) => {
  const done: string[] = [];
  const note = (what: string) => async (raftId: number) => {
    done.push(`${what} ${raftId}`);
    return { index: 7 };
  };
  const members: Members = {
    list: async () => group(member(1), member(2), member(3)),
    promote: note('promote'),
    demote: note('demote'),
    remove: note('remove'),
    transfer: note('transfer'),
  };
  const handlers = managersHandlers(members, 'n1', () => 'host-b');
  for (const method of ['removeManager', 'demoteManager'] as const) {
    const error = await t.throwsAsync(handlers[method]({ raftId: 2 }, context), { code: 'FAILED_PRECONDITION' });
    t.regex(error.message, /manager 2 .* node host-b/);
  }
  await handlers.transferLeadership({ raftId: 2 }, context);
  await managersHandlers(members, 'n1', () => undefined).removeManager({ raftId: 2 }, context);
  t.deepEqual(done, ['transfer 2', 'remove 2']);
});
