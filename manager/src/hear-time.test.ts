import type { Clock, StoreAction } from '@tso/proto';
import test from 'ava';
import { ClusterClock } from './cluster-clock.ts';
import { node, tablesOf, task } from './dispatcher/dispatcher-fixture.ts';
import { hearTime, latestInstant } from './hear-time.ts';
import { LaggingMember, SharedLog } from './testing/shared-log.ts';

const begin = 1_700_000_000_000;
const still: Clock = { now: () => begin + 3_600_000, monotonic: () => 0, setTimer: () => () => undefined };

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
};

/** A follower whose own clock is an hour ahead. */
const follower = () => {
  const log = new SharedLog();
  const store = new LaggingMember(log);
  const clock = new ClusterClock(still);
  const stopping = new AbortController();
  const done = hearTime(store, clock, stopping.signal);
  /** The leader commits it, and it comes here. */
  const commit = async (atMs: number, ...actions: readonly StoreAction[]): Promise<void> => {
    log.append({ actions, expect: [], atMs, origin: 'planner' });
    await store.fresh();
    await settled();
  };
  const stop = (): Promise<void> => {
    stopping.abort();
    return done;
  };
  return { clock, commit, stop, store };
};

test('a follower that has caught up takes its time from the tasks that the leader changes', async (t) => {
  const { clock, commit, stop, store } = follower();
  await commit(begin, { putTask: task('x', 'a') });
  t.is(clock.now(), begin + 3_600_000, 'that may have been an old one');
  await commit(begin + 100, { putTask: task('x', 'a') });
  t.is(clock.now(), begin + 100);
  await commit(begin + 9_000, { putNode: node('a') });
  t.is(clock.now(), begin + 100, 'what operators ask for is said at the time of whichever manager took it');
  await stop();
  t.is(store.subscribers, 0);
});

test('the store has seen the latest of its tasks', (t) => {
  t.is(latestInstant(tablesOf()), 0);
  t.is(latestInstant(tablesOf({ putTask: task('x', 'a') })), 1_000);
});
