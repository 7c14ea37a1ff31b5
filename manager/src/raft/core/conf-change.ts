import { TsoError } from '@tso/proto';
import type { Entry, EntryType, NodeId } from './messages.ts';

export type ConfChangeKind = 'add-voter' | 'add-learner' | 'remove' | 'update';

export interface ConfChangeStep {
  readonly kind: ConfChangeKind;
  readonly id: NodeId;
}

/**
 * `auto`: through a joint configuration only where more than one voter changes, and out of it again unasked.
 * `implicit`: always joint, and out of it unasked. `explicit`: always joint, left by an empty change (thesis 4.3).
 */
export type Transition = 'auto' | 'implicit' | 'explicit';

/** A change of members. Without steps it leaves a joint configuration. */
export interface ConfChange {
  readonly transition: Transition;
  readonly steps: readonly ConfChangeStep[];
}

/** Ends a joint configuration. */
export const leaveJoint: ConfChange = { transition: 'auto', steps: [] };

/** Whether the change leaves a joint configuration. */
export const leavesJoint = (change: ConfChange): boolean => change.transition === 'auto' && change.steps.length === 0;

/** Whether the change goes through a joint configuration, and if so, whether that one is left unasked. */
export const entersJoint = (change: ConfChange): { readonly autoLeave: boolean } | undefined => {
  if (change.transition === 'auto' && change.steps.length <= 1) return undefined;
  return { autoLeave: change.transition !== 'explicit' };
};

const transitions: readonly Transition[] = ['auto', 'implicit', 'explicit'];
const kinds: readonly ConfChangeKind[] = ['add-voter', 'remove', 'update', 'add-learner'];
const letters: Readonly<Record<ConfChangeKind, string>> = { 'add-voter': 'v', 'add-learner': 'l', remove: 'r', update: 'u' };

/** Version of the encoding, so that a later one can be told from this. */
const encodingVersion = 1;

/**
 * The change as an entry carries it: version, transition, then per step its kind and eight bytes of id, big endian. The change
 * that leaves a joint configuration is no bytes at all, so that no limit on sizes can ever refuse it.
 */
export const encodeConfChange = (change: ConfChange): Uint8Array => {
  if (leavesJoint(change)) return new Uint8Array(0);
  const bytes = new Uint8Array(2 + change.steps.length * 9);
  const view = new DataView(bytes.buffer);
  bytes[0] = encodingVersion;
  bytes[1] = transitions.indexOf(change.transition);
  for (const [at, step] of change.steps.entries()) {
    bytes[2 + at * 9] = kinds.indexOf(step.kind);
    view.setBigUint64(3 + at * 9, BigInt(step.id));
  }
  return bytes;
};

const damaged = (why: string): TsoError =>
  new TsoError('DATA_LOSS', `a configuration change in the log cannot be read: ${why}`, {
    hint: 'the log was written by a newer version or is damaged; replace this manager by a new one',
  });

/** What `encodeConfChange` wrote. Errors: DATA_LOSS for anything else. */
export const decodeConfChange = (bytes: Uint8Array): ConfChange => {
  if (bytes.length === 0) return leaveJoint;
  if (bytes[0] !== encodingVersion) throw damaged(`encoding version ${bytes[0]} is unknown`);
  const transition = transitions[bytes[1] ?? -1];
  if (transition === undefined || (bytes.length - 2) % 9 !== 0) throw damaged(`${bytes.length} bytes of transition ${bytes[1]}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const steps: ConfChangeStep[] = [];
  for (let at = 2; at < bytes.length; at += 9) {
    const kind = kinds[bytes[at] ?? -1];
    const id = Number(view.getBigUint64(at + 1));
    if (kind === undefined || !Number.isSafeInteger(id)) throw damaged(`step ${(at - 2) / 9 + 1} is of kind ${bytes[at]} for node ${id}`);
    steps.push({ kind, id });
  }
  return { transition, steps };
};

export const isConfChange = (type: EntryType): boolean => type !== 'EntryNormal';

/** The change that an entry carries, or undefined for a command. */
export const confChangeOf = (entry: Pick<Entry, 'type' | 'data'>): ConfChange | undefined =>
  isConfChange(entry.type) ? decodeConfChange(entry.data) : undefined;

/** `v4 l5 r2`: the field's shorthand for adding a voter, adding a learner, removing. */
export const describeSteps = (steps: readonly ConfChangeStep[]): string => steps.map((step) => `${letters[step.kind]}${step.id}`).join(' ');

/** Reads what `describeSteps` writes; a word that it does not know is named in the result. */
export const parseSteps = (text: string): readonly ConfChangeStep[] | { readonly unknown: string } => {
  const steps: ConfChangeStep[] = [];
  for (const word of text.split(/\s+/).filter((it) => it !== '')) {
    const kind = kinds.find((it) => letters[it] === word[0]);
    const id = Number(word.slice(1));
    if (kind === undefined || word.length < 2 || !Number.isSafeInteger(id)) return { unknown: word };
    steps.push({ kind, id });
  }
  return steps;
};
