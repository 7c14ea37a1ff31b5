import { type Authority, formatUnlockKey, type RandomBytes, TsoError } from '@tso/proto';

const keyBytes = 32;

/** The same authority with the unlock key that was wished for. INVALID_ARGUMENT: another key was asked for, and none. */
export const withAutolock = (
  authority: Authority,
  { enabled, rotate }: { readonly enabled: boolean; readonly rotate: boolean },
  random: RandomBytes,
): Authority => {
  if (!enabled && rotate) throw new TsoError('INVALID_ARGUMENT', 'an unlock key cannot be replaced and switched off at once');
  if (!enabled) return { ...authority, unlockKey: '' };
  if (authority.unlockKey !== '' && !rotate) return authority;
  return { ...authority, unlockKey: formatUnlockKey(random(keyBytes)) };
};
