import { TsoError } from '@tso/proto';
import test from 'ava';
import { type CommandPlace, CommandQueue } from './command-queue.ts';
import { outcomeOf } from './outcome.ts';

const queueOf = (...commands: readonly { readonly bytes?: number; readonly place?: CommandPlace; readonly deadlineTick?: number }[]) => {
  const queue = new CommandQueue<string>();
  const refused: [number, TsoError][] = [];
  for (const [at, { bytes = 1, place = 'anywhere', deadlineTick = 100 }] of commands.entries()) {
    queue.add({
      data: new Uint8Array(bytes).fill(at),
      place,
      deadlineTick,
      resolve: () => undefined,
      reject: (error) => refused.push([at, error]),
    });
  }
  return { queue, refused };
};

test('a batch takes the oldest as far as they fit, at least one, and what is put back comes first again', (t) => {
  const { queue } = queueOf({ bytes: 2_000_000 }, { bytes: 600_000 }, { bytes: 400_000 }, { bytes: 100_000 });
  t.deepEqual(
    queue.takeBatch().map(({ data }) => data.length),
    [2_000_000],
  );
  const second = queue.takeBatch();
  t.deepEqual(
    second.map(({ data }) => data.length),
    [600_000, 400_000],
  );
  queue.putBack(second);
  t.deepEqual(
    queue.takeAll().map(({ data }) => data.length),
    [600_000, 400_000, 100_000],
  );
  t.is(queue.size, 0);
});

test('what may only be placed here is refused where nobody leads, what belongs to a term in any other', (t) => {
  const places = [{ place: 'anywhere' }, { place: 'here' }, { place: { term: 4 } }] as const;
  const follower = queueOf(...places);
  follower.queue.refuseMisplaced(undefined, 'this manager does not lead');
  t.deepEqual(
    follower.refused.map(([at]) => at),
    [1, 2],
  );
  t.true(follower.refused.every(([, error]) => outcomeOf(error) === 'refused' && error.code === 'UNAVAILABLE'));
  const leader = queueOf(...places);
  leader.queue.refuseMisplaced(5, 'this manager does not lead as it did');
  t.deepEqual(
    leader.refused.map(([at]) => at),
    [2],
  );
  leader.queue.refuseMisplaced(4, '');
  t.is(leader.queue.size, 2);
});

test('who waited long enough is told why', (t) => {
  const { queue, refused } = queueOf({ deadlineTick: 5 }, { deadlineTick: 6 });
  queue.expire(5, () => new TsoError('UNAVAILABLE', 'there is no leader'));
  t.deepEqual(
    refused.map(([at, { message }]) => [at, message]),
    [[0, 'there is no leader']],
  );
  t.is(queue.size, 1);
});
