import type { Entry, Message, NodeId } from './messages.ts';
import { entriesSize } from './storage.ts';

/** Appends to one member that continue each other and so make one. */
interface Appends {
  readonly first: Message;
  readonly entries: Entry[];
  bytes: number;
  commit: number;
}

/** Where the last append, heartbeat and acknowledgement to a member stand in what is to be sent. */
interface Mailbox {
  appends: Appends | undefined;
  beatAt: number | undefined;
  acknowledgedAt: number | undefined;
}

const continues = (before: Appends, next: Message, bytes: number, maxBytes: number): boolean =>
  next.term === before.first.term &&
  next.index === before.first.index + before.entries.length &&
  (before.entries.length === 0 || next.entries.length === 0 || before.bytes + bytes <= maxBytes);

/**
 * The messages of one Ready with what says the same in fewer words, since each costs its receiver a step and an answer (batching,
 * thesis 10.2.2): appends that continue each other are one, up to `maxBytes` of entries; of several heartbeats to a member the last
 * stands for all, since its context confirms the reads before it too, and of several acknowledgements the highest.
 */
export const mergeMessages = (messages: readonly Message[], maxBytes: number): readonly Message[] => {
  const sent: (Message | Appends)[] = [];
  const mailboxes = new Map<NodeId, Mailbox>();
  for (const m of messages) {
    const box = mailboxes.get(m.to) ?? emptyMailbox();
    mailboxes.set(m.to, box);
    if (m.type === 'MsgApp') addAppend(sent, box, m, maxBytes);
    else if (m.type === 'MsgHeartbeat') box.beatAt = replaceOrAdd(sent, box.beatAt, m);
    else if (m.type === 'MsgAppResp' && !m.reject) box.acknowledgedAt = replaceOrAdd(sent, box.acknowledgedAt, m);
    else {
      // A snapshot, a rejection or a call to take over: what comes after it stays after it.
      mailboxes.set(m.to, emptyMailbox());
      sent.push(m);
    }
  }
  return sent.map((it) => ('first' in it ? { ...it.first, entries: it.entries, commit: it.commit } : it));
};

const emptyMailbox = (): Mailbox => ({ appends: undefined, beatAt: undefined, acknowledgedAt: undefined });

const addAppend = (sent: (Message | Appends)[], box: Mailbox, m: Message, maxBytes: number): void => {
  const bytes = entriesSize(m.entries);
  if (box.appends !== undefined && continues(box.appends, m, bytes, maxBytes)) {
    for (const entry of m.entries) box.appends.entries.push(entry);
    box.appends.bytes += bytes;
    box.appends.commit = Math.max(box.appends.commit, m.commit);
    return;
  }
  box.appends = { first: m, entries: [...m.entries], bytes, commit: m.commit };
  sent.push(box.appends);
};

/** The later of two messages takes the earlier one's place, if they are of one term. Returns where it stands. */
const replaceOrAdd = (sent: (Message | Appends)[], at: number | undefined, m: Message): number => {
  const before = at === undefined ? undefined : sent[at];
  if (at === undefined || before === undefined || 'first' in before || before.term !== m.term) return sent.push(m) - 1;
  sent[at] = m.type === 'MsgAppResp' && before.index > m.index ? before : m;
  return at;
};
