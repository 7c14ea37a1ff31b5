// The calls of the core one by one; how nodes play together is in testdata/*.txt.
import test from 'ava';
import fc from 'fast-check';
import { MemoryStorage } from './memory-storage.ts';
import { type Entry, emptyConfState, localMessageTypes, type Message, message, noBytes, peerMessageTypes } from './messages.ts';
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

const entryAt = (index: number, term: number): Entry => ({ type: 'EntryNormal', index, term, data: noBytes });

test('a message that makes no sense is refused by name and changes nothing', (t) => {
  const { core } = node([1, 2, 3]);
  const before = core.status();
  const snapshot = { index: 9, term: 1, confState: emptyConfState, data: noBytes };
  const change: Entry = { type: 'EntryConfChangeV2', index: 0, term: 0, data: new Uint8Array([99]) };
  const bad: readonly (readonly [Message, RegExp])[] = [
    [message('MsgApp', { from: 2, to: 3, term: 1 }), /it is for node 3/],
    [message('MsgApp', { to: 1, term: 1 }), /it comes from node 0/],
    [message('MsgApp', { from: 2, to: 1 }), /it has no term/],
    [message('MsgApp', { from: 2, to: 1, term: 1, index: -1 }), /its index is -1/],
    [message('MsgApp', { from: 2, to: 1, term: 1, commit: 0.5 }), /its commit is 0.5/],
    [message('MsgApp', { from: 2, to: 1, term: 2, index: 1, logTerm: 1, entries: [entryAt(3, 1)] }), /entry 3 stands where 2 should/],
    [message('MsgApp', { from: 2, to: 1, term: 2, index: 1, logTerm: 2, entries: [entryAt(2, 1)] }), /follows term 2/],
    [message('MsgApp', { from: 2, to: 1, term: 2, index: 1, logTerm: 1, entries: [entryAt(2, 3)] }), /of term 3 follows/],
    [message('MsgSnap', { from: 2, to: 1, term: 2 }), /carries no snapshot/],
    [message('MsgSnap', { from: 2, to: 1, term: 2, snapshot }), /names no voters/],
    [
      message('MsgSnap', {
        from: 2,
        to: 1,
        term: 2,
        snapshot: { ...snapshot, confState: { ...emptyConfState, voters: [1], learners: [1] } },
      }),
      /contradict/,
    ],
    [message('MsgProp', { from: 2, to: 1 }), /proposes nothing/],
    [message('MsgProp', { from: 2, to: 1, entries: [change] }), /cannot be read/],
  ];
  for (const [m, why] of bad) {
    const result = core.step(m);
    t.is(reason(result), 'malformed');
    t.regex(result.accepted ? '' : result.why, why);
  }
  t.deepEqual(core.status(), before);
});

test('a node whose log lost what it acknowledged is told so instead of going on', (t) => {
  const { core } = node([1, 2, 3]);
  const result = core.step(message('MsgHeartbeat', { from: 2, to: 1, term: 4, commit: 70 }));
  t.is(reason(result), 'log-lost');
  t.is(core.status().hardState.commit, 1);
});

test('an acknowledgement of what was never sent counts for nothing', (t) => {
  const { core, run } = node([1, 2, 3], { preVote: false });
  core.campaign();
  run();
  core.step(message('MsgVoteResp', { from: 2, to: 1, term: 1 }));
  run();
  core.step(message('MsgAppResp', { from: 2, to: 1, term: 1, index: 1_000 }));
  t.is(core.status().hardState.commit, 1);
  t.is(core.status().progress.find(({ id }) => id === 2)?.match, 0);
});

test('no message, however strange, stops a node of any role', (t) => {
  const number = fc.oneof(fc.nat({ max: 6 }), fc.constantFrom(-1, 0.5, Number.MAX_SAFE_INTEGER, Number.NaN));
  const anyEntry = fc.record({
    type: fc.constantFrom('EntryNormal' as const, 'EntryConfChange' as const, 'EntryConfChangeV2' as const),
    term: number,
    index: number,
    data: fc.uint8Array({ maxLength: 12 }),
  });
  const ids = fc.array(fc.nat({ max: 4 }), { maxLength: 3 });
  const confState = fc.record({ voters: ids, votersOutgoing: ids, learners: ids, learnersNext: ids, autoLeave: fc.boolean() });
  const anyMessage: fc.Arbitrary<Message> = fc.record({
    type: fc.constantFrom(...peerMessageTypes, ...localMessageTypes),
    from: fc.oneof(fc.constantFrom(2, 3), number),
    to: fc.oneof(fc.constant(1), number),
    term: number,
    logTerm: number,
    index: number,
    entries: fc.array(anyEntry, { maxLength: 2 }),
    commit: number,
    reject: fc.boolean(),
    rejectHint: number,
    snapshot: fc.option(fc.record({ index: number, term: number, confState, data: fc.constant(noBytes) }), { nil: undefined }),
    context: fc.constantFrom('', '1', 'transfer', 'x'),
  });
  fc.assert(
    fc.property(fc.array(anyMessage, { maxLength: 12 }), fc.constantFrom('follower', 'candidate', 'leader'), (messages, role) => {
      const { core } = node([1, 2, 3], { preVote: false });
      if (role !== 'follower') core.campaign();
      if (role === 'leader') core.step(message('MsgVoteResp', { from: 2, to: 1, term: 1 }));
      for (const m of messages) core.step(m);
      const { hardState, lastIndex } = core.status();
      t.true(hardState.commit <= lastIndex);
    }),
    { numRuns: 2_000 },
  );
});
