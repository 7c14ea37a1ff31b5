import { type Clock, type Node, TsoError } from '@tso/proto';
import { limits } from '../limits.ts';
import { expectationsOf } from '../log/expectations.ts';
import type { Proposer } from '../log/proposer.ts';
import { sameData } from '../store/equal.ts';

/**
 * Changes one node's object by what it is now, again when someone else changed it meanwhile. `change` returns undefined for
 * "leave it". CONFLICT: too many others at once.
 */
export const changeNode = async (
  { proposer, clock }: { readonly proposer: Proposer; readonly clock: Clock },
  nodeId: string,
  change: (node: Node | undefined) => Node | undefined,
): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    const now = proposer.view.node(nodeId);
    const next = change(now);
    if (next === undefined || sameData(now, next)) return;
    const actions = [{ putNode: next }];
    try {
      await proposer.propose({ actions, expect: expectationsOf(proposer.view, actions), atMs: clock.now(), origin: 'dispatcher' });
      return;
    } catch (error) {
      if (!(error instanceof TsoError) || error.code !== 'CONFLICT' || attempt >= limits.conflictRetries) throw error;
    }
  }
};
