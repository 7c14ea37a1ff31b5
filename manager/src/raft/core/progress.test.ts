import test from 'ava';
import fc from 'fast-check';
import { Inflights } from './inflights.ts';
import { Progress } from './progress.ts';

const progress = (match: number, next: number, maxMessages = 3): Progress =>
  new Progress({ match, next, isLearner: false, recentActive: true, inflights: new Inflights(maxMessages, 100) });

test('inflights are full by count or by bytes, and free up to what was acknowledged', (t) => {
  const inflights = new Inflights(3, 10);
  inflights.add(5, 4);
  inflights.add(7, 6);
  t.true(inflights.full);
  inflights.freeUpTo(6);
  t.is(inflights.count, 1);
  t.is(inflights.totalBytes, 6);
  inflights.add(8, 0);
  inflights.add(9, 0);
  t.true(inflights.full);
  t.throws(() => inflights.add(10, 0));
  inflights.freeUpTo(9);
  t.is(inflights.count, 0);
  t.is(inflights.totalBytes, 0);
});

test('a probe sends one message with entries and waits', (t) => {
  const it = progress(0, 5);
  it.sentEntries(2, 10);
  t.true(it.isPaused);
  t.is(it.next, 5);
  t.true(it.acknowledge(6));
  t.false(it.isPaused);
  t.is(it.next, 7);
});

test('replicate runs ahead until the window is full', (t) => {
  const it = progress(4, 5);
  it.becomeReplicate();
  for (const next of [6, 7, 8]) {
    t.false(it.isPaused);
    it.sentEntries(1, 1);
    t.is(it.next, next);
  }
  t.true(it.isPaused);
});

test('a snapshot pauses until it arrives, and its index is where probing goes on', (t) => {
  const it = progress(2, 9);
  it.becomeSnapshot(12);
  t.true(it.isPaused);
  t.is(it.next, 13);
  it.becomeProbe();
  t.is(it.next, 13);
  t.is(it.pendingSnapshot, 0);
});

test('a snapshot that failed is probed for behind what matches', (t) => {
  const it = progress(2, 9);
  it.becomeSnapshot(12);
  it.pendingSnapshot = 0;
  it.becomeProbe();
  t.is(it.next, 3);
});

test('a stale rejection changes nothing', (t) => {
  const probing = progress(3, 10);
  t.false(probing.retreat(5, 4));
  t.is(probing.next, 10);
  t.true(probing.retreat(9, 5));
  t.is(probing.next, 6);
  const replicating = progress(5, 10);
  replicating.becomeReplicate();
  replicating.sentEntries(4, 4);
  t.false(replicating.retreat(5, 3));
  t.true(replicating.retreat(9, 3));
  t.is(replicating.next, 6);
});

test('the commit index is told once, and only as far as the follower can take it', (t) => {
  const it = progress(4, 5);
  it.becomeReplicate();
  t.true(it.canBumpCommit(4));
  it.noteCommit(4);
  t.false(it.canBumpCommit(4));
  t.false(it.canBumpCommit(9));
  it.sentEntries(1, 1);
  t.true(it.canBumpCommit(9));
});

test('whatever happens, match stays below next and the window within its limits', (t) => {
  const action = fc.record({
    kind: fc.constantFrom('send', 'ack', 'reject', 'probe', 'replicate', 'snapshot'),
    index: fc.nat({ max: 20 }),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const it = progress(0, 8);
      for (const { kind, index } of actions) {
        if (kind === 'send' && it.state !== 'snapshot' && !it.inflights.full) it.sentEntries(index % 3, index);
        else if (kind === 'ack' && it.acknowledge(index) && it.state === 'replicate') it.inflights.freeUpTo(index);
        else if (kind === 'reject' && it.state !== 'snapshot') it.retreat(index, index > 3 ? index - 3 : 0);
        else if (kind === 'probe') it.becomeProbe();
        else if (kind === 'replicate') it.becomeReplicate();
        else if (kind === 'snapshot' && index > it.match) it.becomeSnapshot(index);
        t.true(it.match < it.next, `${kind} ${index}: ${it.match} ${it.next}`);
        t.true(it.inflights.count <= 3);
      }
    }),
  );
});

test('a commit index is told again where it may have been lost: after probing, and after a rejection', (t) => {
  const streaming = (): Progress => {
    const it = progress(5, 6, 9);
    it.becomeReplicate();
    it.sentEntries(4, 4);
    it.noteCommit(9);
    return it;
  };
  const probed = streaming();
  t.false(probed.canBumpCommit(9));
  probed.becomeProbe();
  t.is(probed.sentCommit, 5);
  const rejected = streaming();
  t.true(rejected.retreat(9, 7));
  t.is(rejected.sentCommit, 5);
  const probing = progress(0, 9);
  probing.noteCommit(8);
  t.true(probing.retreat(8, 3));
  t.is(probing.next, 4);
  t.is(probing.sentCommit, 3);
  const behind = streaming();
  behind.noteCommit(2);
  behind.becomeProbe();
  t.is(behind.sentCommit, 2, 'what was told and kept is not told again');
});

test('a probe without entries does not keep the next one waiting', (t) => {
  const it = progress(5, 6);
  it.sentEntries(0, 0);
  t.false(it.isPaused);
});

test('a change of members keeps all that is known of who stays, in a copy of its own', (t) => {
  const it = progress(4, 5);
  it.becomeReplicate();
  it.sentEntries(2, 7);
  it.noteCommit(4);
  it.beginCheck();
  const copy = it.clone();
  t.deepEqual(copy, it);
  copy.acknowledge(6);
  copy.inflights.freeUpTo(6);
  t.is(it.match, 4);
  t.is(it.inflights.count, 1);
  it.becomeSnapshot(12);
  t.deepEqual(it.clone(), it);
  const paused = progress(0, 5);
  paused.sentEntries(1, 1);
  t.true(paused.clone().isPaused);
});

test('who is silent from one check to the next was active before, then not', (t) => {
  const it = progress(0, 1);
  t.deepEqual([it.recentActive, it.activeBefore], [true, false]);
  it.beginCheck();
  t.deepEqual([it.recentActive, it.activeBefore], [false, true]);
  it.beginCheck();
  t.deepEqual([it.recentActive, it.activeBefore], [false, false]);
});
