import { assert } from '@tso/proto';
import type { ConfChange } from './conf-change.ts';
import { changeMembership, describeConfiguration, isUnfit, type Membership, toConfState, votes } from './membership.ts';
import type { ConfState } from './messages.ts';
import { nobody } from './messages.ts';
import { becomeFollower, isLearner, membershipLimits, type Node, name, others, progressOf, trace } from './node.ts';
import { releaseEarlyReads } from './read-index.ts';
import { advanceCommit, broadcastAppend, sendEntries } from './replication.ts';

/** Takes a configuration over, with what follows: a leader that is out steps down, new followers are sent to. */
export const switchTo = (node: Node, membership: Membership): ConfState => {
  node.membership = membership;
  const { configuration } = membership;
  trace(node, 'info', () => `${name(node.id)} switched to configuration ${describeConfiguration(configuration)}`);
  const state = toConfState(configuration);
  if (node.role !== 'leader') return state;
  if (progressOf(node, node.id) === undefined || isLearner(node)) {
    if (node.options.stepDownOnRemoval) becomeFollower(node, node.term, nobody);
    return state;
  }
  if (state.voters.length === 0) return state;
  node.reads.forgetLease();
  // Fewer voters may mean that more is committed now.
  if (advanceCommit(node)) {
    releaseEarlyReads(node);
    broadcastAppend(node);
  } else {
    for (const id of others(node)) sendEntries(node, id);
  }
  if (node.transferee !== nobody && !votes(configuration, node.transferee)) node.transferee = nobody;
  return state;
};

/**
 * Takes a committed change of members over, on every node when it applies the entry. What was validated when proposed and yet
 * does not fit is a bug, and the same on every node: going on would let them disagree on who decides.
 */
export const applyConfChange = (node: Node, change: ConfChange): ConfState => {
  const changed = changeMembership(node.membership, change, membershipLimits(node));
  assert(!isUnfit(changed), `a committed change of members does not fit: ${isUnfit(changed) ? changed.unfit : ''}`);
  return switchTo(node, changed);
};
