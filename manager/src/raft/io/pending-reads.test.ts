import { TsoError } from '@tso/proto';
import test from 'ava';
import { PendingReads } from './pending-reads.ts';

const read = (reads: PendingReads, deadlineTick = 100): Promise<number> =>
  new Promise((resolve, reject) => reads.add({ deadlineTick, resolve, reject }));

test('one round serves all who asked before it began, and who asks meanwhile waits for the next', async (t) => {
  const reads = new PendingReads('life', 4);
  const early = [read(reads), read(reads)];
  const first = reads.begin(1);
  t.is(first, 'life.1');
  const later = read(reads);
  t.is(reads.begin(2), undefined);
  reads.confirmed('life.1', 7);
  t.deepEqual(await Promise.all(early), [7, 7]);
  t.is(reads.begin(2), 'life.2');
  reads.confirmed('life.2', 9);
  t.is(await later, 9);
  t.is(reads.begin(3), undefined);
});

test('an answer to a round that was given up, or to one of an earlier life, counts for nothing', async (t) => {
  const reads = new PendingReads('life', 4);
  const waiting = read(reads);
  t.is(reads.begin(1), 'life.1');
  t.is(reads.begin(5), 'life.2');
  reads.confirmed('life.1', 3);
  reads.confirmed('other.2', 3);
  t.is(reads.size, 1);
  reads.confirmed('life.2', 5);
  t.is(await waiting, 5);
});

test('a round that cannot be begun leaves its readers in their order, until their time is up', async (t) => {
  const reads = new PendingReads('life', 4);
  const [short, long] = [read(reads, 3), read(reads, 50)];
  reads.begin(1);
  reads.postpone();
  reads.expire(3);
  const error = await t.throwsAsync(short, { instanceOf: TsoError, message: /no majority/ });
  t.deepEqual(error.details, { reason: 'quorum', outcome: 'refused' });
  const context = reads.begin(4) ?? '';
  reads.confirmed(context, 8);
  t.is(await long, 8);
});

test('readers of a running round expire, too', async (t) => {
  const reads = new PendingReads('life', 40);
  const waiting = read(reads, 3);
  reads.begin(1);
  reads.expire(3);
  await t.throwsAsync(waiting);
  t.is(reads.size, 0);
});
