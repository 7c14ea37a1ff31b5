import { formatUnlockKey, TsoError } from '@tso/proto';
import test from 'ava';
import { UnlockKey } from './unlock-key.ts';

const key = formatUnlockKey(new Uint8Array(32).fill(7));
const locked = () => new TsoError('FAILED_PRECONDITION', 'locked', { details: { locked: true } });
const openWith = (wanted: string | undefined) => async (given: string | undefined) => {
  if (given === wanted) return 'open';
  throw locked();
};

test('what is not locked opens without asking anybody', async (t) => {
  const unlock = new UnlockKey(() => t.fail('nobody needs a key'));
  t.is(await unlock.open(openWith(undefined)), 'open');
});

test('what is locked waits until the key is told, and asks for it once', async (t) => {
  let asked = 0;
  const unlock = new UnlockKey(() => {
    asked += 1;
  });
  const first = unlock.open(openWith(key));
  const second = unlock.open(openWith(key));
  while (asked === 0) await new Promise(setImmediate);
  unlock.tell(`${key}\n`);
  t.deepEqual(await Promise.all([first, second]), ['open', 'open']);
  t.is(asked, 1);
  t.is(await unlock.open(openWith(key)), 'open', 'it is remembered');
});

test('a key that does not fit is an error, not another question', async (t) => {
  const unlock = new UnlockKey(() => undefined);
  unlock.tell(formatUnlockKey(new Uint8Array(32).fill(8)));
  await t.throwsAsync(unlock.open(openWith(key)), { message: 'locked' });
  t.throws(() => unlock.tell('open sesame'), { code: 'INVALID_ARGUMENT' });
});

test('other failures pass', async (t) => {
  const unlock = new UnlockKey(() => t.fail('nobody needs a key'));
  await t.throwsAsync(
    unlock.open(() => Promise.reject(new TsoError('DATA_LOSS', 'damaged'))),
    { code: 'DATA_LOSS' },
  );
});
