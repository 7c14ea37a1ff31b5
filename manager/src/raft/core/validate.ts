import { confChangeOf } from './conf-change.ts';
import { isUnfit, restoreMembership } from './membership.ts';
import { type Entry, entryTypes, type Message, type NodeId, type Snapshot } from './messages.ts';

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

const unreadable = (entry: Entry): string | undefined => {
  if (!entryTypes.includes(entry.type)) return `entry ${entry.index} is of unknown type ${entry.type}`;
  try {
    confChangeOf(entry);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

/** An append continues behind the entry that it names, in one row of terms that never go back nor past the sender's. */
const badAppend = (m: Message): string | undefined => {
  let term = m.logTerm;
  for (const [at, entry] of m.entries.entries()) {
    if (entry.index !== m.index + 1 + at) return `entry ${entry.index} stands where ${m.index + 1 + at} should`;
    if (!isCount(entry.term) || entry.term < term || entry.term > m.term)
      return `entry ${entry.index} of term ${entry.term} follows term ${term} in a message of term ${m.term}`;
    term = entry.term;
  }
  return undefined;
};

const badSnapshot = (snapshot: Snapshot | undefined, term: number): string | undefined => {
  if (snapshot === undefined || !isCount(snapshot.index) || snapshot.index === 0) return 'it carries no snapshot';
  if (!isCount(snapshot.term) || snapshot.term > term) return `its snapshot is of term ${snapshot.term}, later than its own`;
  const { voters } = snapshot.confState;
  const restored = restoreMembership(snapshot.confState, { lastIndex: snapshot.index, maxInflightMessages: 1, maxInflightBytes: 1 });
  if (isUnfit(restored)) return `its snapshot names members that contradict each other: ${restored.unfit}`;
  if (voters.length === 0 || new Set(voters).size !== voters.length) return 'its snapshot names no voters, or one twice';
  return undefined;
};

/** Types that mean nothing without a term; a forwarded proposal or read belongs to none. */
const termless: ReadonlySet<string> = new Set(['MsgProp', 'MsgReadIndex']);

/**
 * What is wrong with a message from the network, or undefined. Whoever sends it, a member of an older version or one gone mad,
 * must not be able to stop this node: what passes here breaks no assertion by its form.
 */
export const malformed = (m: Message, self: NodeId): string | undefined => {
  if (m.to !== self) return `it is for node ${m.to}`;
  if (!isCount(m.from) || m.from === 0) return `it comes from node ${m.from}`;
  for (const [what, value] of Object.entries({
    term: m.term,
    logTerm: m.logTerm,
    index: m.index,
    commit: m.commit,
    rejectHint: m.rejectHint,
  })) {
    if (!isCount(value)) return `its ${what} is ${value}`;
  }
  if (m.term === 0 && !termless.has(m.type)) return 'it has no term';
  if (m.type === 'MsgProp' && m.entries.length === 0) return 'it proposes nothing';
  if (m.type === 'MsgApp' || m.type === 'MsgProp') {
    const bad = m.entries.map(unreadable).find((it) => it !== undefined);
    if (bad !== undefined) return bad;
  }
  if (m.type === 'MsgApp') return badAppend(m);
  return m.type === 'MsgSnap' ? badSnapshot(m.snapshot, m.term) : undefined;
};
