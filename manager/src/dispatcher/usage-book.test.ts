import test from 'ava';
import { UsageBook } from './usage-book.ts';

const second = 1_000;

/** A book that heard of one task each second, of that many CPUs and bytes. */
const bookOf = (seconds: number, cpus: number, memoryBytes = 100) => {
  const book = new UsageBook({ heartbeatMs: second });
  book.want(new Map([['alpha', ['web']]]));
  for (let at = 0; at <= seconds; at += 1)
    book.take('alpha', 1, [{ taskId: 'web', atMs: at * second, cpuNs: at * cpus * 1e9, memoryBytes }], 50_000 + at * second);
  return { book, now: 50_000 + seconds * second };
};

test('CPU is a mean over the last seconds, memory too', (t) => {
  const { book, now } = bookOf(5, 0.5);
  t.deepEqual(book.figures('web', 0, now), { nanoCpus: 0.5e9, memoryBytes: 100 });
});

test('the mean is of ten seconds at most, and what is older is forgotten', (t) => {
  const { book, now } = bookOf(100, 0);
  for (let at = 1; at <= 10; at += 1)
    book.take('alpha', 1, [{ taskId: 'web', atMs: (100 + at) * second, cpuNs: at * 1e9, memoryBytes: 100 }], now + at * second);
  t.is(book.figures('web', 0, now + 10 * second)?.nanoCpus, 1e9);
  t.is(book.figures('web', 0, now + 25 * second), undefined);
});

test('what was measured before an instant does not count after it', (t) => {
  const { book, now } = bookOf(9, 0);
  for (let at = 1; at <= 2; at += 1)
    book.take('alpha', 1, [{ taskId: 'web', atMs: (9 + at) * second, cpuNs: at * 2e9, memoryBytes: 100 }], now + at * second);
  t.is(book.figures('web', now, now + 2 * second)?.nanoCpus, 2e9);
  t.is(book.figures('web', now + second, now + 2 * second), undefined, 'of one second nothing is said');
});

test('too little says nothing, nor does what nobody asked for', (t) => {
  const { book, now } = bookOf(1, 0.5);
  t.is(book.figures('web', 0, now), undefined);
  book.take('alpha', 1, [{ taskId: 'other', atMs: 1, cpuNs: 1, memoryBytes: 1 }], now);
  t.is(book.size, 1);
  const elsewhere = bookOf(5, 0.5);
  elsewhere.book.take('beta', 2, [{ taskId: 'web', atMs: 1, cpuNs: 1, memoryBytes: 1 }], elsewhere.now);
  t.is(elsewhere.book.figures('web', 0, elsewhere.now)?.nanoCpus, 0.5e9, 'another node cannot speak for it');
});

test('an agent that was started anew counts from the beginning', (t) => {
  const { book, now } = bookOf(5, 0.5);
  const say = (session: number, atMs: number, cpuNs: number, heardAtMs: number): void =>
    book.take('alpha', session, [{ taskId: 'web', atMs, cpuNs, memoryBytes: 100 }], heardAtMs);
  say(2, 20 * second, 3e9, now + second);
  t.is(book.figures('web', 0, now + second), undefined);
  say(2, 22 * second, 4e9, now + 3 * second);
  t.is(book.figures('web', 0, now + 3 * second)?.nanoCpus, 0.5e9);
  say(2, 10 * second, 5e9, now + 4 * second);
  t.is(book.figures('web', 0, now + 4 * second), undefined, 'its clock cannot have gone back');
});

test('figures that cannot be are not taken', (t) => {
  const { book, now } = bookOf(5, 0.5);
  for (const cpuNs of [-1, Number.NaN, Number.POSITIVE_INFINITY])
    book.take('alpha', 1, [{ taskId: 'web', atMs: 6 * second, cpuNs, memoryBytes: 100 }], now + second);
  t.is(book.figures('web', 0, now + second)?.nanoCpus, 0.5e9);
});

test('quick heartbeats take no more memory than slow ones, and say the same', (t) => {
  const book = new UsageBook({ heartbeatMs: 50 });
  book.want(new Map([['alpha', ['web']]]));
  for (let at = 0; at <= 400; at += 1)
    book.take('alpha', 1, [{ taskId: 'web', atMs: at * 50, cpuNs: at * 50 * 1e6, memoryBytes: 100 }], 1_000 + at * 50);
  t.is(book.figures('web', 0, 21_000)?.nanoCpus, 1e9);
  t.true((book.figures('web', 14_000, 21_000)?.nanoCpus ?? 0) > 0.99e9);
});

test('slow heartbeats have a longer mean', (t) => {
  const book = new UsageBook({ heartbeatMs: 30_000 });
  book.want(new Map([['alpha', ['web']]]));
  for (const at of [0, 30_000, 60_000]) book.take('alpha', 1, [{ taskId: 'web', atMs: at, cpuNs: at * 1e6, memoryBytes: 1 }], 1_000 + at);
  t.is(book.figures('web', 0, 65_000)?.nanoCpus, 1e9);
});

test('what is not to be measured any more is forgotten, and no more than so many are', (t) => {
  const { book } = bookOf(5, 0.5);
  book.want(new Map());
  t.is(book.size, 0);
  t.deepEqual(book.wantedOf('alpha'), []);
  const many = Array.from({ length: 60_000 }, (_, index) => `task-${index}`);
  book.want(
    new Map([
      ['alpha', many],
      ['beta', ['web']],
    ]),
  );
  t.is(book.wantedOf('alpha').length, 50_000);
  t.deepEqual(book.wantedOf('beta'), []);
});
