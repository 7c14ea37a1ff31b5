import { emptyMeta, type Manager } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { type ConfState, emptyConfState, type NodeId, type ProgressStatus } from '../raft/core/index.ts';
import { admission, isFulfilled, type MembersSeen, nextChange } from './member-rules.ts';

const manager = (raftId: NodeId, more: Partial<Manager> = {}): Manager => ({
  id: String(raftId),
  meta: emptyMeta,
  raftId,
  nodeId: `node-${raftId}`,
  address: `unix:/${raftId}`,
  wantsVote: true,
  removed: false,
  ...more,
});

const progress = (id: NodeId, match: number, recentActive = true): ProgressStatus => ({
  id,
  match,
  recentActive,
  activeLately: recentActive,
  state: 'replicate',
  next: match + 1,
  isLearner: false,
  paused: false,
  pendingSnapshot: 0,
  inflightMessages: 0,
  inflightBytes: 0,
  text: '',
});

const seen = (confState: Partial<ConfState>, more: Partial<MembersSeen> = {}): MembersSeen => ({
  self: 1,
  confState: { ...emptyConfState, ...confState },
  progress: [progress(1, 5_000), progress(2, 5_000), progress(3, 5_000)],
  lastIndex: 5_000,
  ...more,
});

test('members that are as wished are left alone', (t) => {
  t.is(nextChange([manager(1), manager(2), manager(3, { wantsVote: false })], seen({ voters: [1, 2], learners: [3] })), undefined);
});

test('a manager that is no member yet comes in as a learner, whatever it wants', (t) => {
  t.deepEqual(nextChange([manager(1), manager(2)], seen({ voters: [1] }))?.steps, [{ kind: 'add-learner', id: 2 }]);
});

test('a learner that wants a vote gets it once it has caught up and answers, not before', (t) => {
  const managers = [manager(1), manager(2)];
  const world = seen({ voters: [1], learners: [2] });
  t.deepEqual(nextChange(managers, world)?.steps, [{ kind: 'add-voter', id: 2 }]);
  t.is(nextChange(managers, { ...world, progress: [progress(1, 5_000), progress(2, 3_999)] }), undefined);
  t.is(nextChange(managers, { ...world, progress: [progress(1, 5_000), progress(2, 5_000, false)] }), undefined);
});

test('a voter that is to have no vote becomes a learner, and a removed one goes before anything else is done', (t) => {
  t.deepEqual(nextChange([manager(1), manager(2, { wantsVote: false })], seen({ voters: [1, 2] }))?.steps, [
    { kind: 'add-learner', id: 2 },
  ]);
  const managers = [manager(1), manager(2, { removed: true }), manager(4)];
  t.deepEqual(nextChange(managers, seen({ voters: [1, 2] }))?.steps, [{ kind: 'remove', id: 2 }]);
});

test('the leader neither removes nor demotes itself, and nothing is begun inside a joint configuration', (t) => {
  t.is(nextChange([manager(1, { removed: true }), manager(2)], seen({ voters: [1, 2] })), undefined);
  t.is(nextChange([manager(1, { wantsVote: false }), manager(2)], seen({ voters: [1, 2] })), undefined);
  t.is(nextChange([manager(1), manager(2), manager(3)], seen({ voters: [1, 2], votersOutgoing: [1] })), undefined);
});

test('change by change, any wish with a voter left is reached and then left alone', (t) => {
  const wish = fc.record({ wantsVote: fc.boolean(), removed: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(wish, { minLength: 0, maxLength: 5 }),
      fc.array(fc.constantFrom('voter', 'learner', 'none'), { minLength: 5, maxLength: 5 }),
      (wishes, roles) => {
        const managers = [manager(1), ...wishes.map((it, at) => manager(at + 2, it))];
        const all = managers.map(({ raftId }) => progress(raftId, 5_000));
        const inRole = (role: string) => roles.flatMap((it, at) => (it === role && at < wishes.length ? [at + 2] : []));
        let confState: ConfState = { ...emptyConfState, voters: [1, ...inRole('voter')], learners: inRole('learner') };
        for (let step = 0; step < 20; step += 1) {
          const change = nextChange(managers, seen(confState, { progress: all }));
          if (change === undefined) break;
          for (const { kind, id } of change.steps) {
            const without = {
              ...confState,
              voters: confState.voters.filter((it) => it !== id),
              learners: confState.learners.filter((it) => it !== id),
            };
            if (kind === 'remove') confState = without;
            else if (kind === 'add-voter') confState = { ...without, voters: [...without.voters, id] };
            else confState = { ...without, learners: [...without.learners, id] };
          }
        }
        t.is(nextChange(managers, seen(confState, { progress: all })), undefined);
        for (const it of managers) t.true(isFulfilled(it, confState), JSON.stringify({ it, confState }));
      },
    ),
  );
});

test('a newcomer gets the id after the highest that was ever given, those of removed managers included', (t) => {
  const managers = [manager(1), manager(7, { removed: true }), manager(3)];
  t.deepEqual(admission(managers, { nodeId: 'new', address: 'unix:/new' }, seen({ voters: [1, 3] })), { raftId: 8, isNew: true });
});

test('who asks to join again since the answer was lost gets the same id, as long as it was never heard of', (t) => {
  const managers = [manager(1), manager(2)];
  const joiner = { nodeId: 'node-2', address: 'unix:/2' };
  const unheard = seen({ voters: [1], learners: [2] }, { progress: [progress(1, 5_000), progress(2, 0)] });
  t.deepEqual(admission(managers, joiner, unheard), { raftId: 2, isNew: false });
  t.throws(() => admission(managers, joiner, seen({ voters: [1], learners: [2] })), {
    code: 'ALREADY_EXISTS',
    message: /node-2 is manager 2 already/,
  });
  t.throws(() => admission(managers, joiner, seen({ voters: [1, 2] })), { code: 'ALREADY_EXISTS' });
});
