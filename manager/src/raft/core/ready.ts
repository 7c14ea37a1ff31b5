import type { Entry, HardState, Message, NodeId, Snapshot } from './messages.ts';

export type Role = 'follower' | 'candidate' | 'pre-candidate' | 'leader';

/** What may be lost in a crash. */
export interface SoftState {
  readonly lead: NodeId;
  readonly role: Role;
}

/** A read asked for by `readIndex(context)` may be served once `index` is applied (thesis 6.4). */
export interface ReadState {
  readonly context: string;
  readonly index: number;
}

/**
 * What the owner has to do now, in this order: store `snapshot`, `entries` and `hardState` durably, send `messages` (those that
 * do not await durability may leave before, see `awaitsDurability`), apply `snapshot` and then `committedEntries`, calling
 * `applyConfChange` for each entry that is one, and call `advance`. One Ready is out at a time, unless the core was made for more
 * (`asyncStorage`): then each is stored, and later applied, in the order in which they came, and `stored` and `applied` say so.
 */
export interface Ready {
  /** Of the node when it gave this out. */
  readonly term: number;
  /** Set while there are entries that are not known to be durable: they are, up to this last one, once the Ready is stored. */
  readonly last: { readonly index: number; readonly term: number } | undefined;
  /** Set when it changed. */
  readonly softState: SoftState | undefined;
  /** Set when it changed. */
  readonly hardState: HardState | undefined;
  readonly readStates: readonly ReadState[];
  readonly entries: readonly Entry[];
  readonly snapshot: Snapshot | undefined;
  readonly committedEntries: readonly Entry[];
  readonly messages: readonly Message[];
  /** False when nothing in it would be missed after a crash: a changed commit index alone can be learnt again, unless it committed a change of members. */
  readonly mustSync: boolean;
}

export type DropReason =
  | 'no-leader'
  | 'transfer-in-progress'
  | 'removed'
  | 'too-large'
  | 'conf-change-refused'
  | 'not-forwarded'
  | 'local-message'
  | 'unknown-peer'
  | 'malformed'
  | 'log-lost';

/** Dropped means it will not happen; accepted promises nothing: an entry counts once it comes back committed. */
export type StepResult =
  | {
      readonly accepted: true /** On the leader: position of the first proposed entry. */;
      readonly at?: { readonly index: number; readonly term: number };
    }
  | { readonly accepted: false; readonly reason: DropReason; readonly why: string };

export const accepted: StepResult = { accepted: true };
