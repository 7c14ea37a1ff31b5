import { TsoError } from '@tso/proto';
import test from 'ava';
import { AppliedWaiters } from './applied-waiters.ts';

test('each waits for its index, in any order, and for no longer than it may', (t) => {
  const waiters = new AppliedWaiters((index) => new TsoError('DEADLINE_EXCEEDED', `index ${index} did not come`));
  const heard: string[] = [];
  const add = (name: string, index: number, deadlineTick: number): void =>
    waiters.add({
      index,
      deadlineTick,
      resolve: () => heard.push(`${name} done`),
      reject: ({ message }) => heard.push(`${name}: ${message}`),
    });
  add('a', 7, 100);
  add('b', 5, 100);
  add('c', 9, 3);
  waiters.advance(6);
  waiters.expire(3);
  waiters.advance(20);
  waiters.failAll(new TsoError('UNAVAILABLE', 'stopping'));
  t.deepEqual(heard, ['b done', 'c: index 9 did not come', 'a done']);
});
