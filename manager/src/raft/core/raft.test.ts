// The calls of the core one by one; how nodes play together is in testdata/*.txt.
import test from 'ava';
import { MemoryStorage } from './memory-storage.ts';
import { emptyConfState, message, noBytes } from './messages.ts';
import { defaultRaftOptions, type RaftOptions } from './options.ts';
import { RaftCore } from './raft.ts';
import type { StepResult } from './ready.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const node = (voters: readonly number[], options: Partial<RaftOptions> = {}): { readonly core: RaftCore; readonly run: () => number[] } => {
  const storage = new MemoryStorage();
  storage.applySnapshot({ index: 1, term: 1, confState: { ...emptyConfState, voters }, data: noBytes });
  const core = new RaftCore({ ...defaultRaftOptions, id: 1, storage, random: { number: () => 0 }, applied: 1, ...options });
  const run = (): number[] => {
    const applied: number[] = [];
    while (core.hasReady()) {
      const ready = core.ready();
      storage.append(ready.entries);
      if (ready.hardState) storage.hardState = ready.hardState;
      applied.push(...ready.committedEntries.map(({ index }) => index));
      core.advance(ready);
    }
    return applied;
  };
  return { core, run };
};

const reason = (result: StepResult): string => (result.accepted ? 'accepted' : result.reason);

test('a single voter elects itself and commits what it stored', (t) => {
  const { core, run } = node([1]);
  core.campaign();
  t.deepEqual(run(), [2]);
  t.is(core.status().role, 'leader');
  t.deepEqual(core.propose(bytes('a'), bytes('b')), { accepted: true, at: { index: 3, term: 1 } });
  t.is(core.status().hardState.commit, 2);
  t.deepEqual(run(), [3, 4]);
});

test('local messages and answers of strangers are not taken from the network', (t) => {
  const { core } = node([1, 2]);
  for (const type of ['MsgHup', 'MsgBeat', 'MsgCheckQuorum', 'MsgUnreachable', 'MsgSnapStatus', 'MsgLeaderUnreachable'] as const) {
    t.is(reason(core.step(message(type, { from: 2, to: 1 }))), 'local-message');
  }
  t.is(reason(core.step(message('MsgAppResp', { from: 7, to: 1, term: 1 }))), 'unknown-peer');
});

test('without a leader proposals and reads are refused, with the reason', (t) => {
  const { core } = node([1, 2, 3]);
  t.is(reason(core.propose(bytes('a'))), 'no-leader');
  t.is(reason(core.readIndex('r')), 'no-leader');
  core.campaign();
  t.is(reason(core.propose(bytes('a'))), 'no-leader');
});

test('a follower passes proposals on, unless it was told not to', (t) => {
  const hear = (core: RaftCore): void => {
    core.step(message('MsgHeartbeat', { from: 2, to: 1, term: 1 }));
  };
  const passing = node([1, 2, 3]).core;
  hear(passing);
  t.is(reason(passing.propose(bytes('a'))), 'accepted');
  t.true(passing.ready().messages.some(({ type, to }) => type === 'MsgProp' && to === 2));
  const keeping = node([1, 2, 3], { forwardProposals: false }).core;
  hear(keeping);
  t.is(reason(keeping.propose(bytes('a'))), 'not-forwarded');
});

test('a change of members that does not fit is dropped with the reason, and leaves no entry', (t) => {
  const { core, run } = node([1]);
  core.campaign();
  run();
  const result = core.proposeConfChange({ transition: 'auto', steps: [{ kind: 'remove', id: 1 }] });
  t.is(reason(result), 'conf-change-refused');
  t.regex(result.accepted ? '' : result.why, /removed all voters/);
  t.is(core.status().lastIndex, 2);
});

test('a new voter has to catch up as a learner before it votes', (t) => {
  const { core, run } = node([1]);
  core.campaign();
  run();
  for (let at = 0; at < 1_500; at += 1) core.propose(bytes('x'));
  run();
  const result = core.proposeConfChange({ transition: 'auto', steps: [{ kind: 'add-voter', id: 2 }] });
  t.regex(result.accepted ? '' : result.why, /heard from lately|caught up/);
  t.is(reason(core.proposeConfChange({ transition: 'auto', steps: [{ kind: 'add-learner', id: 2 }] })), 'accepted');
});

test('one Ready is out at a time, and advance takes that one', (t) => {
  const { core } = node([1]);
  core.campaign();
  const ready = core.ready();
  t.throws(() => core.ready(), { message: /advance first/ });
  t.throws(() => core.advance({ ...ready }), { message: /takes the Ready that is out/ });
  core.advance(ready);
});

test('a node that restarts keeps its term, its vote and what it had committed', (t) => {
  const storage = new MemoryStorage();
  storage.applySnapshot({ index: 1, term: 1, confState: { ...emptyConfState, voters: [1, 2, 3] }, data: noBytes });
  storage.append([{ type: 'EntryNormal', index: 2, term: 3, data: noBytes }]);
  storage.hardState = { term: 5, vote: 2, commit: 2 };
  const core = new RaftCore({ ...defaultRaftOptions, id: 1, storage, random: { number: () => 0 }, applied: 1 });
  t.deepEqual(core.status().hardState, { term: 5, vote: 2, commit: 2 });
  core.step(message('MsgVote', { from: 3, to: 1, term: 5, index: 9, logTerm: 4 }));
  const ready = core.ready();
  t.true(ready.messages.some(({ type, reject }) => type === 'MsgVoteResp' && reject));
  t.deepEqual(
    ready.committedEntries.map(({ index }) => index),
    [2],
  );
});

test('stored state that promises entries which are not there stops the node', (t) => {
  const storage = new MemoryStorage();
  storage.hardState = { term: 5, vote: 2, commit: 2 };
  t.throws(() => new RaftCore({ ...defaultRaftOptions, id: 1, storage, random: { number: () => 0 } }), {
    message: /entries that were promised are missing/,
  });
});

test('options that contradict each other build no core', (t) => {
  const build = (options: Partial<RaftOptions>): unknown => node([1], options);
  t.throws(() => build({ electionTicks: 2, heartbeatTicks: 2 }), { message: /electionTicks/ });
  t.throws(() => build({ readOnly: 'lease', checkQuorum: false }), { message: /checkQuorum/ });
  t.throws(() => build({ maxInflightMessages: 0 }), { message: /maxInflightMessages/ });
  t.throws(() => build({ id: 0 }), { message: /node id/ });
});

test('election timeouts are drawn from the given source, between one and two intervals', (t) => {
  const drawn = (value: number): number =>
    node([1, 2], { electionTicks: 10, random: { number: () => value } }).core.status().electionTimeoutTicks;
  t.deepEqual([0, 0.5, 0.999].map(drawn), [10, 15, 19]);
});
