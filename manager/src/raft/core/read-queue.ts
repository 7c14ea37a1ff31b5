import type { Message, NodeId } from './messages.ts';
import { type JointVoters, jointCommitted } from './quorum.ts';

interface PendingRead {
  readonly sequence: number;
  readonly request: Message;
  /** Commit index when the read arrived: the state as of then, or later, answers it. */
  readonly index: number;
}

/**
 * Reads that wait for a quorum to confirm the leader (thesis 6.4). Every read has a number that goes out with a round of
 * heartbeats, and who answers a number confirms all reads up to it, so that one round serves any number of reads.
 */
export class ReadQueue {
  private sequence = 0;
  private readonly pending: PendingRead[] = [];
  private readonly confirmed = new Map<NodeId, number>();

  get size(): number {
    return this.pending.length;
  }

  /** Queues a read and returns the context of the heartbeats that confirm it. */
  add(request: Message, index: number, self: NodeId): string {
    this.sequence += 1;
    this.pending.push({ sequence: this.sequence, request, index });
    this.confirmed.set(self, this.sequence);
    return String(this.sequence);
  }

  /** Context for a heartbeat sent now: that of the newest read, or none. */
  context(): string {
    return this.pending.length === 0 ? '' : String(this.sequence);
  }

  /** Takes a follower's confirmation and gives out the reads that a quorum now has confirmed, oldest first. */
  confirm(from: NodeId, context: string, voters: JointVoters): readonly { readonly request: Message; readonly index: number }[] {
    const sequence = Number(context);
    if (!Number.isSafeInteger(sequence) || sequence > this.sequence) return [];
    this.confirmed.set(from, Math.max(this.confirmed.get(from) ?? 0, sequence));
    const upTo = jointCommitted(voters, (id) => this.confirmed.get(id) ?? 0);
    const kept = this.pending.findIndex((read) => read.sequence > upTo);
    return this.pending.splice(0, kept === -1 ? this.pending.length : kept);
  }
}
