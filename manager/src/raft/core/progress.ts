import { assert } from '@tso/proto';
import type { Inflights } from './inflights.ts';

/**
 * How the leader treats one follower: `probe` sends one message at a time until the logs meet, `replicate` streams ahead of the
 * acknowledgements, `snapshot` waits until a snapshot has arrived. (The paper has nextIndex and matchIndex alone, figure 2.)
 */
export type ProgressState = 'probe' | 'replicate' | 'snapshot';

interface ProgressStart {
  readonly match: number;
  readonly next: number;
  readonly isLearner: boolean;
  readonly recentActive: boolean;
  readonly inflights: Inflights;
}

/** Invariant: match < next; in `snapshot`, next is pendingSnapshot + 1. */
export class Progress {
  state: ProgressState = 'probe';
  /** Known to agree with the leader up to here. */
  match: number;
  /** Index of the next entry to send. */
  next: number;
  /** Highest commit index under way to the follower, so that an unchanged one is not sent again. */
  sentCommit = 0;
  /** Index of the snapshot that is under way, or 0. */
  pendingSnapshot = 0;
  /** Heard from since the last check of the quorum. */
  recentActive: boolean;
  /** Heard from between the last check and the one before it. */
  activeBefore = false;
  /** One message is out and no more is sent until the follower, or a heartbeat's answer, says something. */
  paused = false;
  isLearner: boolean;
  readonly inflights: Inflights;

  constructor(start: ProgressStart) {
    this.match = start.match;
    this.next = start.next;
    this.isLearner = start.isLearner;
    this.recentActive = start.recentActive;
    this.inflights = start.inflights;
  }

  /** An independent copy: a change of members is tried on copies and taken over whole. */
  clone(): Progress {
    const copy = new Progress({ ...this.start(), inflights: this.inflights.clone() });
    copy.state = this.state;
    copy.activeBefore = this.activeBefore;
    copy.sentCommit = this.sentCommit;
    copy.pendingSnapshot = this.pendingSnapshot;
    copy.paused = this.paused;
    return copy;
  }

  private start(): ProgressStart {
    return { match: this.match, next: this.next, isLearner: this.isLearner, recentActive: this.recentActive, inflights: this.inflights };
  }

  private enter(state: ProgressState): void {
    this.state = state;
    this.paused = false;
    this.pendingSnapshot = 0;
    this.inflights.reset();
  }

  /** Starts over behind what is known to match, or behind a snapshot that was sent. */
  becomeProbe(): void {
    const pending = this.state === 'snapshot' ? this.pendingSnapshot : 0;
    this.enter('probe');
    this.next = Math.max(this.match + 1, pending + 1);
    this.sentCommit = Math.min(this.sentCommit, this.next - 1);
  }

  becomeReplicate(): void {
    this.enter('replicate');
    this.next = this.match + 1;
  }

  becomeSnapshot(index: number): void {
    this.enter('snapshot');
    this.pendingSnapshot = index;
    this.next = index + 1;
    this.sentCommit = index;
  }

  /** Notes an append message with that many entries from `next` on. */
  sentEntries(count: number, bytes: number): void {
    assert(this.state !== 'snapshot', 'no entries are sent to a follower that waits for a snapshot');
    if (this.state === 'probe') {
      if (count > 0) this.paused = true;
      return;
    }
    if (count > 0) {
      this.next += count;
      this.inflights.add(this.next - 1, bytes);
    }
    // With the window full even an empty message is a probe: the next one waits for a heartbeat's answer.
    this.paused = this.inflights.full;
  }

  /** Whether telling this commit index can move the follower's. */
  canBumpCommit(commit: number): boolean {
    return commit > this.sentCommit && this.sentCommit < this.next - 1;
  }

  noteCommit(commit: number): void {
    this.sentCommit = commit;
  }

  /** Takes an acknowledgement; false when it says nothing new. */
  acknowledge(index: number): boolean {
    if (index <= this.match) return false;
    this.match = index;
    this.next = Math.max(this.next, index + 1);
    this.paused = false;
    return true;
  }

  /** Takes the rejection of the append behind `rejected`; false when it is stale, as reordered and repeated ones are. */
  retreat(rejected: number, hint: number): boolean {
    if (this.state === 'replicate') {
      if (rejected <= this.match) return false;
      this.next = this.match + 1;
      this.sentCommit = Math.min(this.sentCommit, this.next - 1);
      return true;
    }
    // Outside of replicate one message is out at a time, so a true rejection is about the entry just before next.
    if (this.next - 1 !== rejected) return false;
    this.next = Math.max(Math.min(rejected, hint + 1), this.match + 1);
    this.sentCommit = Math.min(this.sentCommit, this.next - 1);
    this.paused = false;
    return true;
  }

  /** Begins the time until the next check of the quorum: whoever says nothing until then counts as gone. */
  beginCheck(): void {
    this.activeBefore = this.recentActive;
    this.recentActive = false;
  }

  get isPaused(): boolean {
    return this.state === 'snapshot' || this.paused;
  }
}
