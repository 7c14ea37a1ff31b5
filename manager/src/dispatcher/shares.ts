import type { Change } from '../store/apply.ts';
import type { View } from '../store/view.ts';
import { type NodeShare, nodeShare, sameShareOfTask } from './assignments.ts';
import { type DoomedVolumes, doomedOf, withChanges } from './doomed-volumes.ts';
import { NetworkShares } from './network-shares.ts';

/** Nodes whose share may be another than they were told. */
export type Touched = ReadonlySet<string> | 'all';

/**
 * What each node is to know, and whose share a change of the store may have touched: with thousands of nodes only theirs are looked at.
 */
export class Shares {
  readonly #networks = new NetworkShares();
  #doomed: DoomedVolumes = new Set();
  #touched = new Set<string>();
  #all = true;

  /** Begins, or begins again after changes were missed. Volumes that were doomed stay so: their end may be among what was missed. */
  reset(view: View): void {
    this.#networks.reset(view);
    this.#doomed = new Set([...this.#doomed, ...doomedOf(view)]);
    this.#all = true;
  }

  notice(changes: readonly Change[], view: View): void {
    for (const change of changes) {
      this.#networks.notice(change, view);
      if (change.kind === 'task') this.#noticeTask(change);
      else if (change.kind === 'node') this.#touched.add(change.id);
      // Few change, and whoever mounts one by that name is not filed anywhere.
      else if (change.kind === 'volume') this.#all = true;
    }
    this.#doomed = withChanges(this.#doomed, changes);
  }

  /** Whose share is to be looked at; nobody's until the next change. */
  take(view: View): Touched {
    this.#refresh(view);
    const touched = this.#all ? 'all' : this.#touched;
    this.#touched = new Set();
    this.#all = false;
    return touched;
  }

  /** As of now; whoever else is on a network that is put together anew for that is in the next `take`. */
  of(view: View, nodeId: string): NodeShare {
    this.#refresh(view);
    return nodeShare(view, nodeId, this.#networks.networks, this.#doomed);
  }

  #refresh(view: View): void {
    for (const nodeId of this.#networks.refresh(view)) this.#touched.add(nodeId);
  }

  #noticeTask({ before, after }: Extract<Change, { kind: 'task' }>): void {
    if (before !== undefined && after !== undefined && before.nodeId === after.nodeId && sameShareOfTask(before, after)) return;
    if (before !== undefined) this.#touched.add(before.nodeId);
    if (after !== undefined) this.#touched.add(after.nodeId);
  }
}
