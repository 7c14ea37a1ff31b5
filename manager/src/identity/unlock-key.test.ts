import { formatUnlockKey, TsoError } from '@tso/proto';
import test from 'ava';
import { UnlockKey } from './unlock-key.ts';

const keyOf = (byte: number): string => formatUnlockKey(new Uint8Array(32).fill(byte));
const key = keyOf(7);
const locked = (what: string) => new TsoError('FAILED_PRECONDITION', `${what} is locked`, { details: { locked: true } });
const openWith =
  (wanted: string | undefined, what = 'it') =>
  async (given: string | undefined) => {
    if (given === wanted) return 'open';
    throw locked(what);
  };

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise(setImmediate);
};

test('what is not locked opens without asking anybody', async (t) => {
  const unlock = new UnlockKey(() => t.fail('nobody needs a key'));
  t.is(await unlock.open(openWith(undefined)), 'open');
});

test('what is locked waits until the key is told, and asks for it once', async (t) => {
  const asked: string[] = [];
  const unlock = new UnlockKey((why) => asked.push(why));
  const first = unlock.open(openWith(key));
  const second = unlock.open(openWith(key));
  await until(() => asked.length > 0);
  unlock.tell(`${key}\n`);
  t.deepEqual(await Promise.all([first, second]), ['open', 'open']);
  t.deepEqual(asked, ['it is locked']);
  t.is(await unlock.open(openWith(key)), 'open', 'it is remembered');
});

test('a key that does not fit is asked for again, saying what is still shut, and kept for what it may fit', async (t) => {
  const asked: string[] = [];
  const unlock = new UnlockKey((why) => asked.push(why));
  const opening = unlock.open(openWith(key, 'the certificate'));
  await until(() => asked.length === 1);
  unlock.tell(keyOf(8));
  await until(() => asked.length === 2);
  unlock.tell(keyOf(8));
  await until(() => asked.length === 3);
  unlock.tell(key);
  t.is(await opening, 'open');
  t.is(await unlock.open(openWith(keyOf(8), 'the log')), 'open');
  t.deepEqual(asked, Array(3).fill('the certificate is locked'));
  t.throws(() => unlock.tell('open sesame'), { code: 'INVALID_ARGUMENT' });
});

test('whoever must not wait is refused', async (t) => {
  const unlock = new UnlockKey(() => t.fail('nobody is asked'));
  unlock.tell(keyOf(8));
  await t.throwsAsync(unlock.openKnown(openWith(key)), { message: 'it is locked' });
  t.is(await unlock.openKnown(openWith(keyOf(8))), 'open');
});

test('a key that was in use opens what is not sealed with the next one yet', async (t) => {
  const unlock = new UnlockKey(() => t.fail('nobody is asked'));
  unlock.change(key);
  unlock.change(keyOf(8));
  t.is(unlock.text, keyOf(8));
  t.is(await unlock.open(openWith(key)), 'open');
  unlock.change(undefined);
  t.is(unlock.text, undefined);
  t.is(await unlock.open(openWith(key)), 'open');
});

test('other failures pass', async (t) => {
  const unlock = new UnlockKey(() => t.fail('nobody needs a key'));
  await t.throwsAsync(
    unlock.open(() => Promise.reject(new TsoError('DATA_LOSS', 'damaged'))),
    { code: 'DATA_LOSS' },
  );
});
