import type { ConfState, NodeId, Snapshot } from './core-door.ts';
import { holds } from './violation.ts';

/** 7, 12: what the nodes make of the committed log. */
export class StateChecks {
  applied = 0;
  private readonly hashes = new Map<number, number>();
  private readonly members = new Map<number, string>();

  appliedIndex(id: NodeId, index: number, appliedBefore: number, hash: number): void {
    holds(index === appliedBefore + 1, 7, () => `node ${id} applies ${index} after ${appliedBefore}`);
    this.sameHash(id, index, hash, 7);
    this.applied = Math.max(this.applied, index);
  }

  configured(id: NodeId, index: number, confState: ConfState): boolean {
    const text = JSON.stringify(confState);
    const known = this.members.get(index);
    holds(known === undefined || known === text, 7, () => `node ${id} has the members ${text} at ${index}, elsewhere they are ${known}`);
    this.members.set(index, text);
    return known === undefined;
  }

  restored(id: NodeId, snapshot: Pick<Snapshot, 'index' | 'confState'>, machine: { readonly index: number; readonly hash: number }): void {
    holds(
      machine.index === snapshot.index,
      12,
      () => `node ${id} restores the state of ${machine.index} from a snapshot of ${snapshot.index}`,
    );
    this.sameHash(id, snapshot.index, machine.hash, 12);
    const members = JSON.stringify(snapshot.confState);
    const known = this.membersAt(snapshot.index);
    holds(
      known === undefined || known === members,
      12,
      () => `node ${id} restores the members ${members} of a snapshot of ${snapshot.index}, where they were ${known}`,
    );
  }

  private membersAt(index: number): string | undefined {
    let latest = 0;
    for (const at of this.members.keys()) if (at <= index && at > latest) latest = at;
    return this.members.get(latest);
  }

  private sameHash(id: NodeId, index: number, hash: number, invariant: 7 | 12): void {
    const known = this.hashes.get(index);
    holds(known === undefined || known === hash, invariant, () => `node ${id} has state ${hash} at ${index}, elsewhere it is ${known}`);
    this.hashes.set(index, hash);
  }
}
