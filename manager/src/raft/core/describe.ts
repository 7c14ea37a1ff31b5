import { confChangeOf, describeSteps } from './conf-change.ts';
import type { ConfState, Entry, HardState, Message, NodeId, Snapshot } from './messages.ts';
import { nobody } from './messages.ts';
import { name, roleName } from './node.ts';
import type { Ready, SoftState } from './ready.ts';

/** How the field writes entries, messages and Readys, so that traces can be compared line by line. */

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '"': '\\"', '\\': '\\\\' };

const hex = (code: number): string => `\\x${code.toString(16).padStart(2, '0')}`;

const quoteChar = (char: string): string => escapes[char] ?? (char < ' ' || char === '\x7f' ? hex(char.charCodeAt(0)) : char);

/** Bytes as a quoted string: UTF-8 where it is, the rest as \xNN. */
export const quoteBytes = (bytes: Uint8Array): string => {
  try {
    return `"${[...new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)].map(quoteChar).join('')}"`;
  } catch {
    // Not UTF-8: ASCII as it is, every other byte by its number.
    return `"${[...bytes].map((byte) => (byte < 128 ? quoteChar(String.fromCharCode(byte)) : hex(byte))).join('')}"`;
  }
};

/** `1/12 EntryNormal "prop"`, `1/4 EntryConfChangeV2 v3 l4`. */
export const describeEntry = (entry: Entry): string => {
  const change = confChangeOf(entry);
  const content = change === undefined ? quoteBytes(entry.data) : describeSteps(change.steps);
  return `${entry.term}/${entry.index} ${entry.type}${content === '' ? '' : ` ${content}`}`;
};

const describeConfState = (state: ConfState): string => {
  const list = (ids: readonly NodeId[]): string => `[${ids.join(' ')}]`;
  return (
    `Voters:${list(state.voters)} VotersOutgoing:${list(state.votersOutgoing)} Learners:${list(state.learners)} ` +
    `LearnersNext:${list(state.learnersNext)} AutoLeave:${state.autoLeave}`
  );
};

export const describeSnapshot = (snapshot: Snapshot): string =>
  `Index:${snapshot.index} Term:${snapshot.term} ConfState:${describeConfState(snapshot.confState)}`;

const target = (id: NodeId): string => (id === nobody ? 'None' : name(id));

/** ` Entries:[…]`, or nothing where there are none. */
export const describeEntries = (entries: readonly Entry[]): string => {
  const [only] = entries;
  if (only === undefined) return '';
  if (entries.length === 1) return ` Entries:[${describeEntry(only)}]`;
  return ` Entries:[\n${entries.map((entry) => `  ${describeEntry(entry)}\n`).join('')}]`;
};

/** `1->2 MsgApp Term:1 Log:1/11 Commit:11 Entries:[1/12 EntryNormal "prop"]`; several entries take a line each. */
export const describeMessage = (m: Message): string =>
  [
    `${target(m.from)}->${target(m.to)} ${m.type} Term:${m.term} Log:${m.logTerm}/${m.index}`,
    m.reject ? ` Rejected (Hint: ${m.rejectHint})` : '',
    m.commit > 0 ? ` Commit:${m.commit}` : '',
    describeEntries(m.entries),
    m.snapshot !== undefined && m.snapshot.index > 0 ? `\n  Snapshot: ${describeSnapshot(m.snapshot)}` : '',
  ].join('');

export const describeHardState = ({ term, vote, commit }: HardState): string =>
  `Term:${term}${vote === nobody ? '' : ` Vote:${vote}`} Commit:${commit}`;

export const describeSoftState = ({ lead, role }: SoftState): string => `Lead:${lead} State:${roleName(role)}`;

/** Every part on its own lines, then what more there is to send, each ended by a newline; `<empty Ready>` when there is nothing to do. */
export const describeReady = (ready: Ready, more: readonly string[] = []): string => {
  const lines: string[] = [];
  if (ready.softState) lines.push(describeSoftState(ready.softState));
  if (ready.hardState) lines.push(`HardState ${describeHardState(ready.hardState)}`);
  if (ready.readStates.length > 0)
    lines.push(`ReadStates [${ready.readStates.map(({ index, context }) => `{${index} ${context}}`).join(' ')}]`);
  if (ready.entries.length > 0) lines.push('Entries:', ...ready.entries.map(describeEntry));
  if (ready.snapshot) lines.push(`Snapshot ${describeSnapshot(ready.snapshot)}`);
  if (ready.committedEntries.length > 0) lines.push('CommittedEntries:', ...ready.committedEntries.map(describeEntry));
  if (ready.messages.length + more.length > 0) lines.push('Messages:', ...ready.messages.map(describeMessage), ...more);
  return lines.length === 0 ? '<empty Ready>' : `Ready MustSync=${ready.mustSync}:\n${lines.join('\n')}\n`;
};
