import type { CallContext } from '@tso/proto/rpc';
import { inTurn } from '../api/wish-order.ts';
import type { Asked, Decided, ReplyTo, Writes, WritesPorts } from '../api/writes.ts';

type Write = Parameters<Writes['once']>[0]['method'];

/** Writes wishes as the control service does, without its queue: each expects that no other was accepted since its view. */
export const writingInTurn =
  (writes: Writes, { proposer }: Pick<WritesPorts, 'proposer'>) =>
  <W extends Write>(asked: Asked<W> & { readonly context: CallContext }, decide: () => Decided<W>): Promise<ReplyTo<W>> =>
    writes.once(asked, () => {
      const decided = decide();
      return { ...decided, actions: inTurn(proposer.view, decided.actions) };
    });
