import type { Message, NodeId } from './messages.ts';
import { type JointVoters, jointCommitted } from './quorum.ts';

interface PendingRead {
  readonly sequence: number;
  readonly request: Message;
  /** Commit index when the read arrived: the state as of then, or later, answers it. */
  readonly index: number;
}

/** A round of heartbeats, and the leader's tick at which it left. */
interface Round {
  readonly sequence: number;
  readonly at: number;
}

/**
 * Reads that wait for a quorum to confirm the leader (thesis 6.4). Every read has a number that goes out with a round of
 * heartbeats, and who answers a number confirms all reads up to it, so that one round serves any number of reads.
 */
export class ReadQueue {
  private sequence = 0;
  private readonly pending: PendingRead[] = [];
  private readonly confirmed = new Map<NodeId, number>();
  /** Rounds that no quorum has answered, oldest first. */
  private rounds: Round[] = [];
  private lastConfirmed: Round | undefined = undefined;

  get size(): number {
    return this.pending.length;
  }

  /** Tick at which the newest round left that a quorum has answered. */
  get confirmedAt(): number | undefined {
    return this.lastConfirmed?.at;
  }

  /** Other voters decide from now on: a quorum of those before them proves nothing. */
  forgetLease(): void {
    this.lastConfirmed = undefined;
  }

  /** Context of the newest round. */
  get newest(): string {
    return String(this.sequence);
  }

  /** Begins a round of heartbeats at that tick and returns their context. */
  round(at: number): string {
    this.sequence += 1;
    // Two rounds of one tick are as good as the first of them.
    if (this.rounds.at(-1)?.at === at) this.rounds.pop();
    this.rounds.push({ sequence: this.sequence, at });
    return this.newest;
  }

  /** Queues a read and returns the context of the heartbeats that confirm it. */
  add(request: Message, index: number, at: number): string {
    const context = this.round(at);
    this.pending.push({ sequence: this.sequence, request, index });
    return context;
  }

  /** Context for a heartbeat sent now: that of the newest read, or none. */
  context(): string {
    return this.pending.length === 0 ? '' : this.newest;
  }

  /** Takes a member's confirmation and gives out the reads that a quorum now has confirmed, oldest first. */
  confirm(from: NodeId, context: string, voters: JointVoters): readonly { readonly request: Message; readonly index: number }[] {
    const sequence = Number(context);
    if (!Number.isSafeInteger(sequence) || sequence > this.sequence) return [];
    this.confirmed.set(from, Math.max(this.confirmed.get(from) ?? 0, sequence));
    const upTo = jointCommitted(voters, (id) => this.confirmed.get(id) ?? 0);
    this.lastConfirmed = this.rounds.findLast((round) => round.sequence <= upTo) ?? this.lastConfirmed;
    this.rounds = this.rounds.filter((round) => round.sequence > upTo);
    const kept = this.pending.findIndex((read) => read.sequence > upTo);
    return this.pending.splice(0, kept === -1 ? this.pending.length : kept);
  }
}
