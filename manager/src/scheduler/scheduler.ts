import type { Service, Task } from '@tso/proto';
import { TaskState } from '@tso/proto';
import { type Lenders, lendersText, withLenders } from '../rules/shared-namespaces.ts';
import type { Draft } from '../store/transaction.ts';
import { explain, type Rejection } from './explain.ts';
import { rejectionOf } from './filters.ts';
import type { NodeInfo } from './node-info.ts';
import { hostModePorts, nodeInfo, placementFailures, withTask } from './node-info.ts';
import { type Ranked, RankedNodes } from './queue.ts';
import { mostRoom, rankOf } from './spread.ts';

/** Places tasks one after the other, each seeing those placed before it. */
export class Scheduler {
  readonly #draft: Draft;
  readonly #now: number;
  readonly #infos: Map<string, NodeInfo>;
  /** Placing changes none of them. */
  readonly #failures = new Map<string, ReadonlyMap<string, number>>();
  /** Nodes that fit, by what is asked of them, best first. */
  readonly #lines = new Map<string, RankedNodes>();

  /** @param infos of the draft's nodes, as far as somebody has kept them */
  constructor(draft: Draft, now: number, infos: readonly NodeInfo[] = draft.nodes().map((node) => nodeInfo(draft, node))) {
    this.#draft = draft;
    this.#now = now;
    this.#infos = new Map(infos.map((info) => [info.node.id, info]));
  }

  /**
   * Assigns an allocated task to the best node that fits, or writes down why none does. A global task fits its own node or none.
   * @param lenders the tasks that it shares something with: only their node fits
   */
  place(service: Service, task: Task, lenders?: Lenders): void {
    const bound = lenders === undefined ? task : { ...task, nodeId: lenders.nodeId };
    const chosen = this.#best(service, bound);
    if (chosen === undefined) {
      const why = explain(this.#rejections(service, bound));
      this.#draft.putTask({ ...task, pendingReason: lenders === undefined ? why : `${this.#besideText(lenders)}: ${why}` });
      return;
    }
    this.#infos.set(chosen.node.id, withTask(chosen, task));
    const status = { ...task.status, state: TaskState.ASSIGNED, atMs: this.#now };
    this.#draft.putTask(withLenders({ ...task, nodeId: chosen.node.id, pendingReason: '', status }, lenders));
  }

  #besideText(lenders: Lenders): string {
    const hostname = this.#draft.node(lenders.nodeId)?.description.hostname ?? lenders.nodeId;
    return `shares ${lendersText(lenders)} on ${hostname}`;
  }

  #best(service: Service, task: Task): NodeInfo | undefined {
    if (task.nodeId !== '') {
      const own = this.#infos.get(task.nodeId);
      return own === undefined || rejectionOf(own, service, task, this.#draft) !== undefined ? undefined : own;
    }
    if (service.spec.task.placement.spreadOver.length > 0) {
      const fitting = [...this.#infos.values()].filter((info) => rejectionOf(info, service, task, this.#draft) === undefined);
      return mostRoom(fitting, service.id, service.spec.task.placement, this.#failuresOf(task));
    }
    return this.#nextInLine(service, task);
  }

  /**
   * The best without looking at every node for every task: placing only ever takes room and makes ranks worse, so that a node which
   * has changed since it was put in line belongs no further ahead than it stands, and is put in again where it belongs now.
   */
  #nextInLine(service: Service, task: Task): NodeInfo | undefined {
    const line = this.#lineOf(service, task);
    const ranked = (info: NodeInfo): Ranked => ({ info, rank: rankOf(info, service.id, this.#failuresOf(task)) });
    for (let head = line.pop(); head !== undefined; head = line.pop()) {
      const now = this.#infos.get(head.info.node.id);
      if (now === undefined || rejectionOf(now, service, task, this.#draft) !== undefined) continue;
      // In line again, for the next task; one that has changed since waits for its turn.
      line.push(ranked(now));
      if (now === head.info) return now;
    }
    return undefined;
  }

  /** Of tasks that ask for the same: what rejects a node for one of them rejects it for all that come after. */
  #lineOf(service: Service, task: Task): RankedNodes {
    const key = `${service.id} ${task.specVersion} ${hostModePorts(task.ports).join(' ')}`;
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    const line = new RankedNodes();
    for (const info of this.#infos.values()) {
      if (rejectionOf(info, service, task, this.#draft) === undefined)
        line.push({ info, rank: rankOf(info, service.id, this.#failuresOf(task)) });
    }
    this.#lines.set(key, line);
    return line;
  }

  #rejections(service: Service, task: Task): readonly Rejection[] {
    const candidates = task.nodeId === '' ? [...this.#infos.values()] : [this.#infos.get(task.nodeId)].filter((info) => info !== undefined);
    return candidates.flatMap((info) => rejectionOf(info, service, task, this.#draft) ?? []);
  }

  #failuresOf(task: Task): ReadonlyMap<string, number> {
    const key = `${task.serviceId} ${task.specVersion}`;
    const known = this.#failures.get(key);
    if (known !== undefined) return known;
    const failures = placementFailures(this.#draft, task, this.#now);
    this.#failures.set(key, failures);
    return failures;
  }
}
