import { TsoError } from '@tso/proto';
import type { IdShift } from '../image/types.ts';

/** What the kernel shows for an id that a user namespace has no number for. */
const overflowId = 65_534;

/** The id that a container sees for one of the host. */
export const idInside = (hostId: number, shift: IdShift | undefined): number => {
  if (shift === undefined) return hostId;
  const inside = hostId - shift.base;
  return inside >= 0 && inside < shift.size ? inside : overflowId;
};

/** The host's id for one of the container. INVALID_ARGUMENT: its user namespace has none. */
export const idOutside = (inside: number, shift: IdShift | undefined): number => {
  if (shift === undefined) return inside;
  if (inside < shift.size) return shift.base + inside;
  throw new TsoError(
    'INVALID_ARGUMENT',
    `the archive names the owner ${inside}, and the container's user namespace has only ${shift.size} ids`,
    {
      hint: 'Copy without -a',
    },
  );
};
