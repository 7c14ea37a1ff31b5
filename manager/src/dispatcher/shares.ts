import { NodeState } from '@tso/proto';
import type { Change } from '../store/apply.ts';
import type { View } from '../store/view.ts';
import { type NodeShare, nodeShare, type OwnShare, ownShare, sameShareOfTask } from './assignments.ts';
import { type DoomedVolumes, doomedOf, withChanges } from './doomed-volumes.ts';
import { IngressShares } from './ingress-shares.ts';
import { NetworkShares, type TouchedNodes } from './network-shares.ts';

/**
 * What each node is to know, and whose share a change of the store may have touched: with thousands of nodes only theirs are looked at.
 */
export class Shares {
  readonly #networks = new NetworkShares();
  readonly #ingress = new IngressShares();
  readonly #own = new OwnShares();
  #doomed: DoomedVolumes = new Set();
  #touched = new Set<string>();
  #all = true;

  /** Begins, or begins again after changes were missed. Volumes that were doomed stay so: their end may be among what was missed. */
  reset(view: View): void {
    this.#networks.reset(view);
    this.#ingress.reset(view);
    this.#doomed = new Set([...this.#doomed, ...doomedOf(view)]);
    this.#all = true;
  }

  notice(changes: readonly Change[], view: View): void {
    for (const change of changes) {
      this.#networks.notice(change, view);
      this.#ingress.notice(change);
      if (change.kind === 'task') this.#noticeTask(change);
      else if (change.kind === 'node') this.#touched.add(change.id);
      // Few change, and whoever mounts one by that name is not filed anywhere.
      else if (change.kind === 'volume') this.#all = true;
    }
    this.#doomed = withChanges(this.#doomed, changes);
  }

  /** Whose share is to be looked at; nobody's until the next change. */
  take(view: View): TouchedNodes {
    this.#refresh(view);
    const touched = this.#all ? 'all' : this.#touched;
    this.#touched = new Set();
    this.#all = false;
    return touched;
  }

  /** As of now; whoever else is on a network that is put together anew for that is in the next `take`. */
  of(view: View, nodeId: string): NodeShare {
    this.#refresh(view);
    const surroundings = { networks: this.#networks, ingress: this.#ingress.ports, doomedVolumes: this.#doomed };
    return nodeShare(view, nodeId, this.#own.of(view, nodeId), surroundings);
  }

  #refresh(view: View): void {
    const nodes = this.#networks.refresh(view);
    // Every node answers on every published port.
    if (this.#ingress.refresh(view) || nodes === 'all') this.#all = true;
    else for (const nodeId of nodes) this.#touched.add(nodeId);
  }

  #noticeTask({ before, after }: Extract<Change, { kind: 'task' }>): void {
    if (before !== undefined && after !== undefined && before.nodeId === after.nodeId && sameShareOfTask(before, after)) return;
    if (before !== undefined) this.#touched.add(before.nodeId);
    if (after !== undefined) this.#touched.add(after.nodeId);
  }
}

interface Kept {
  readonly tasks: number;
  readonly volumes: number;
  readonly isDown: boolean;
  readonly own: OwnShare;
}

/** What nodes are told of their own tasks, put together anew only where these changed: others' networks change much more often. */
class OwnShares {
  readonly #kept = new Map<string, Kept>();
  #store: unknown;

  of(view: View, nodeId: string): OwnShare {
    if (this.#store !== view.table('task') || this.#kept.size > 2 * view.table('node').size + 16) this.#kept.clear();
    this.#store = view.table('task');
    const tasks = view.table('task').revision('node', nodeId);
    const volumes = view.table('volume').revision();
    const isDown = view.node(nodeId)?.state === NodeState.NODE_DOWN;
    const kept = this.#kept.get(nodeId);
    if (kept !== undefined && kept.tasks === tasks && kept.volumes === volumes && kept.isDown === isDown) return kept.own;
    const own = ownShare(view, nodeId);
    this.#kept.set(nodeId, { tasks, volumes, isDown, own });
    return own;
  }
}
