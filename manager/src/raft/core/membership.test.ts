import test from 'ava';
import fc from 'fast-check';
import {
  type ConfChange,
  type ConfChangeStep,
  decodeConfChange,
  describeSteps,
  encodeConfChange,
  leaveJoint,
  parseSteps,
} from './conf-change.ts';
import {
  changeMembership,
  describeConfiguration,
  isJoint,
  isUnfit,
  type Membership,
  restoreMembership,
  toConfState,
} from './membership.ts';
import { emptyConfState, type NodeId } from './messages.ts';

const limits = { lastIndex: 10, maxInflightMessages: 4, maxInflightBytes: 100 };

const start = (voters: readonly NodeId[], learners: readonly NodeId[] = []): Membership => {
  const restored = restoreMembership({ ...emptyConfState, voters, learners }, limits);
  if (isUnfit(restored)) throw new Error(restored.unfit);
  return restored;
};

const changed = (membership: Membership, text: string, transition: ConfChange['transition'] = 'auto'): Membership => {
  const steps = parseSteps(text);
  if ('unknown' in steps) throw new Error(steps.unknown);
  const result = changeMembership(membership, { transition, steps }, limits);
  if (isUnfit(result)) throw new Error(result.unfit);
  return result;
};

const described = (membership: Membership): string => describeConfiguration(membership.configuration);

test('one voter at a time changes without a joint configuration', (t) => {
  t.is(described(changed(start([1, 2]), 'v3')), 'voters=(1 2 3)');
  t.is(described(changed(start([1, 2]), 'r2')), 'voters=(1)');
  t.is(described(changed(start([1]), 'l2')), 'voters=(1) learners=(2)');
  t.is(described(changed(start([1], [2]), 'v2')), 'voters=(1 2)');
});

test('several changes go through a joint configuration that is left unasked', (t) => {
  const joint = changed(start([1]), 'v2 v3');
  t.is(described(joint), 'voters=(1 2 3)&&(1) autoleave');
  t.is(described(changed(joint, '')), 'voters=(1 2 3)');
});

test('a demoted voter becomes a learner when it no longer votes', (t) => {
  const joint = changed(start([1, 2, 3]), 'l3 v4', 'explicit');
  t.is(described(joint), 'voters=(1 2 4)&&(1 2 3) learners_next=(3)');
  t.false(joint.progress.get(3)?.isLearner ?? true);
  const left = changed(joint, '');
  t.is(described(left), 'voters=(1 2 4) learners=(3)');
  t.true(left.progress.get(3)?.isLearner ?? false);
});

test('a removed voter is tracked until the joint configuration is left', (t) => {
  const joint = changed(start([1, 2, 3]), 'r1', 'explicit');
  t.true(joint.progress.has(1));
  t.false(changed(joint, '').progress.has(1));
});

test('what was known of a member stays known when it changes its role', (t) => {
  const membership = start([1], [2]);
  membership.progress.get(2)?.acknowledge(7);
  t.is(changed(membership, 'v2').progress.get(2)?.match, 7);
});

const unfit = (membership: Membership, change: ConfChange): string => {
  const result = changeMembership(membership, change, limits);
  return isUnfit(result) ? result.unfit : '';
};

test('a change that does not fit says why and changes nothing', (t) => {
  const single = start([1]);
  t.regex(unfit(single, leaveJoint), /can't leave a non-joint config/);
  t.regex(unfit(single, { transition: 'auto', steps: [{ kind: 'remove', id: 1 }] }), /removed all voters/);
  const joint = changed(single, 'v2', 'explicit');
  t.regex(unfit(joint, { transition: 'auto', steps: [{ kind: 'add-voter', id: 3 }] }), /joint/);
  t.regex(unfit(joint, { transition: 'explicit', steps: [{ kind: 'add-voter', id: 3 }] }), /already joint/);
  t.is(described(single), 'voters=(1)');
});

const steps = fc.array(
  fc.record({ kind: fc.constantFrom('add-voter' as const, 'add-learner' as const, 'remove' as const), id: fc.integer({ min: 1, max: 6 }) }),
  { maxLength: 4 },
);
const transition = fc.constantFrom('auto' as const, 'implicit' as const, 'explicit' as const);

/** What the members should be, worked out from plain sets. */
const naive = (before: { voters: Set<NodeId>; learners: Set<NodeId> }, list: readonly ConfChangeStep[]): void => {
  for (const { kind, id } of list) {
    if (kind === 'add-learner' && before.learners.has(id)) continue;
    before.voters.delete(id);
    before.learners.delete(id);
    if (kind === 'add-voter') before.voters.add(id);
    else if (kind === 'add-learner') before.learners.add(id);
  }
};

test('through a joint configuration and out of it, any change ends where plain sets end', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(transition, steps), { maxLength: 8 }), (changes) => {
      let membership = start([1, 2, 3]);
      for (const [how, list] of changes) {
        const expected = {
          voters: new Set(membership.configuration.voters.incoming),
          learners: new Set(membership.configuration.learners),
        };
        naive(expected, list);
        const next = changeMembership(membership, { transition: how, steps: list }, limits);
        if (isUnfit(next)) continue;
        const left = isJoint(next.configuration) ? changeMembership(next, leaveJoint, limits) : next;
        if (isUnfit(left)) throw new Error(left.unfit);
        const state = toConfState(left.configuration);
        t.deepEqual(state.voters, [...expected.voters].sort());
        t.deepEqual(state.learners, [...expected.learners].sort());
        t.deepEqual([...left.progress.keys()].sort(), [...state.voters, ...state.learners].sort());
        membership = left;
      }
    }),
  );
});

test('restored from what is stored, a configuration is the same again, joint ones too', (t) => {
  fc.assert(
    fc.property(steps, transition, (list, how) => {
      const next = changeMembership(start([1, 2, 3], [4]), { transition: how, steps: list }, limits);
      fc.pre(!isUnfit(next));
      const state = toConfState(next.configuration);
      const back = restoreMembership(state, limits);
      if (isUnfit(back)) throw new Error(back.unfit);
      t.deepEqual(toConfState(back.configuration), state);
    }),
  );
});

test('a change comes back from its bytes as it was', (t) => {
  fc.assert(
    fc.property(steps, transition, (list, how) => {
      const change: ConfChange = { transition: how, steps: list };
      t.deepEqual(decodeConfChange(encodeConfChange(change)), change);
      t.deepEqual(parseSteps(describeSteps(list)), list);
    }),
  );
});

test('the change that leaves a joint configuration takes no bytes', (t) => {
  t.is(encodeConfChange(leaveJoint).length, 0);
});

test('bytes that are no change are refused by name', (t) => {
  for (const bytes of [[9], [1], [1, 7], [1, 0, 0], [1, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1]]) {
    const error = t.throws(() => decodeConfChange(new Uint8Array(bytes)));
    t.regex(error?.message ?? '', /cannot be read/);
  }
});
