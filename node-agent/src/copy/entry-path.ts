import { TsoError } from '@tso/proto';
import { printable } from '../image/tar-format.ts';

const refused = (name: string, why: string): TsoError => new TsoError('INVALID_ARGUMENT', `the archive's entry ${printable(name)} ${why}`);

/**
 * The names, from the destination down, that an archive's entry or hard link goes by; empty: the destination itself. INVALID_ARGUMENT:
 * it leads upward. A leading slash is passed over, as tar does.
 */
export const entryPath = (name: string): readonly string[] => {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw refused(name, 'leads out of the folder it is to be unpacked in');
  if (parts.some((part) => part.includes('\0'))) throw refused(name, 'holds a zero byte');
  if (parts.some((part) => part.length > 255)) throw refused(name, 'has a name of more than 255 bytes');
  return parts;
};
