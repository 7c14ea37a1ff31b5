// A node that would vote, had it heard what is committed.
import test from 'ava';
import { encodeConfChange } from './conf-change.ts';
import { MemoryStorage } from './memory-storage.ts';
import { type ConfState, type Entry, emptyConfState, type Message, message, noBytes } from './messages.ts';
import { defaultRaftOptions } from './options.ts';
import { RaftCore } from './raft.ts';

const entry = (index: number, type: Entry['type'], data: Uint8Array): Entry => ({ type, term: 2, index, data });
const promotion = entry(2, 'EntryConfChangeV2', encodeConfChange({ transition: 'auto', steps: [{ kind: 'add-voter', id: 4 }] }));
const command = (index: number): Entry => entry(index, 'EntryNormal', new TextEncoder().encode('x'));

/** A member whose log ends with what is given, and which knows only the beginning to be committed. */
const member = (id: number, confState: Partial<ConfState>, entries: readonly Entry[], commit: number) => {
  const storage = new MemoryStorage();
  storage.applySnapshot({ index: 1, term: 1, confState: { ...emptyConfState, ...confState }, data: noBytes });
  storage.append(entries);
  storage.hardState = { term: 2, vote: 0, commit };
  const options = { ...defaultRaftOptions, preVote: false, checkQuorum: false, id, storage, random: { number: () => 0 }, applied: 1 };
  const core = new RaftCore(options);
  const run = (): readonly Message[] => {
    const sent: Message[] = [];
    while (core.hasReady()) {
      const ready = core.ready();
      storage.append(ready.entries);
      if (ready.hardState) storage.hardState = ready.hardState;
      for (const it of ready.committedEntries) if (it.type !== 'EntryNormal') core.applyConfChange(it);
      sent.push(...ready.messages);
      core.advance(ready);
    }
    return sent;
  };
  return { core, run };
};

test('a learner with the longest log hears from a request for its vote that it votes, and asks in its turn', (t) => {
  // Node 1 alone committed that node 4 votes, and crashed before a later entry, which node 4 has, was on its own disk.
  const old = member(1, { voters: [1], learners: [4] }, [promotion], 2);
  const learner = member(4, { voters: [1], learners: [4] }, [promotion, command(3)], 1);
  old.run();
  learner.run();
  old.core.campaign();
  const asked = old.run().filter(({ type }) => type === 'MsgVote');
  for (const m of asked) learner.core.step(m);
  const answers = learner.run();
  t.like(answers[0], { type: 'MsgVoteResp', reject: true }, 'its log is longer');
  t.true(learner.core.status().isVoter);
  learner.core.campaign();
  for (const m of learner.run()) old.core.step(m);
  for (const m of old.run()) learner.core.step(m);
  t.is(learner.core.status().role, 'leader');
});

test('who needs the vote of one that was let go hears from its refusal that it was', (t) => {
  // Node 2 led, told node 1 that its removal is committed, and crashed before that and a later entry were on its own disk.
  const removal = entry(2, 'EntryConfChangeV2', encodeConfChange({ transition: 'auto', steps: [{ kind: 'remove', id: 1 }] }));
  const gone = member(1, { voters: [1, 2] }, [removal, command(3)], 2);
  const left = member(2, { voters: [1, 2] }, [removal], 1);
  gone.run();
  t.false(gone.core.status().isVoter);
  left.core.campaign();
  for (const m of left.run()) gone.core.step(m);
  for (const m of gone.run()) left.core.step(m);
  left.run();
  t.deepEqual(left.core.status().confState.voters, [2]);
  t.is(left.core.status().role, 'follower', 'what the old members answered counts no more');
  left.core.campaign();
  left.run();
  t.is(left.core.status().role, 'leader');
});

test('a leader commits by counting, whatever a request for a vote says (simulation, seed 107752)', (t) => {
  const { core, run } = member(1, { voters: [1, 2, 3] }, [command(2)], 1);
  core.campaign();
  run();
  core.step(message('MsgVoteResp', { from: 2, to: 1, term: 3 }));
  t.is(core.status().role, 'leader');
  core.step(message('MsgPreVote', { from: 2, to: 1, term: 3, index: 2, logTerm: 2, commit: 2, rejectHint: 2 }));
  t.is(core.status().hardState.commit, 1);
});

test('what a request for a vote says is committed is believed only where the logs agree', (t) => {
  const ask = (commit: number, rejectHint: number): number => {
    const { core } = member(4, { voters: [1, 4] }, [command(2), command(3)], 1);
    core.step(message('MsgVote', { from: 1, to: 4, term: 3, index: 3, logTerm: 2, commit, rejectHint }));
    return core.status().hardState.commit;
  };
  t.is(ask(3, 2), 3);
  t.is(ask(3, 1), 1);
  t.is(ask(3, 0), 1);
  t.is(ask(9, 2), 1);
});
