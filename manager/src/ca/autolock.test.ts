import { type Authority, formatUnlockKey } from '@tso/proto';
import test from 'ava';
import { authorityWith } from '../testing/specs.ts';
import { withAutolock } from './autolock.ts';

const key = formatUnlockKey(new Uint8Array(32).fill(1));
const authority = (unlockKey: string): Authority => authorityWith({ unlockKey });
const random = (count: number): Uint8Array => new Uint8Array(count).fill(2);
const next = formatUnlockKey(new Uint8Array(32).fill(2));

test('autolock is switched on with a new key, replaced when that is asked for, and switched off', (t) => {
  t.is(withAutolock(authority(''), { enabled: true, rotate: false }, random).unlockKey, next);
  t.is(withAutolock(authority(key), { enabled: true, rotate: false }, random).unlockKey, key);
  t.is(withAutolock(authority(key), { enabled: true, rotate: true }, random).unlockKey, next);
  t.is(withAutolock(authority(key), { enabled: false, rotate: false }, random).unlockKey, '');
});

test('another key and none at once is refused', (t) => {
  t.throws(() => withAutolock(authority(key), { enabled: false, rotate: true }, random), { code: 'INVALID_ARGUMENT' });
});
