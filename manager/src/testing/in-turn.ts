import { inTurn } from '../api/wish-order.ts';
import type { Wish, Writes, WritesPorts, WriteWish } from '../api/writes.ts';

/** Writes wishes as the control service does, without its queue: each expects that no other was accepted since its view. */
export const writingInTurn =
  (writes: Writes, { proposer }: Pick<WritesPorts, 'proposer'>): WriteWish<Wish> =>
  (asked, decide) =>
    writes.once(asked, () => {
      const decided = decide();
      return { ...decided, actions: inTurn(proposer.view, decided.actions) };
    });
