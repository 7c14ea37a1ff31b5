import type { Service, Task } from '@tso/proto';
import { TaskState } from '@tso/proto';
import type { Draft } from '../store/transaction.ts';
import { explain } from './explain.ts';
import { rejectionOf } from './filters.ts';
import type { NodeInfo } from './node-info.ts';
import { nodeInfo, recentFailures, withTask } from './node-info.ts';
import { mostRoom } from './spread.ts';

/** Places tasks one after the other, each seeing those placed before it. */
export class Scheduler {
  readonly #draft: Draft;
  readonly #now: number;
  readonly #infos: Map<string, NodeInfo>;
  /** Placing changes none of them. */
  readonly #failures = new Map<string, ReadonlyMap<string, number>>();

  constructor(draft: Draft, now: number) {
    this.#draft = draft;
    this.#now = now;
    this.#infos = new Map(draft.nodes().map((node) => [node.id, nodeInfo(draft, node)]));
  }

  /** Assigns an allocated task to the best node that fits, or writes down why none does. A global task fits its own node or none. */
  place(service: Service, task: Task): void {
    const candidates = [...this.#infos.values()].filter((info) => task.nodeId === '' || info.node.id === task.nodeId);
    const rejections = [];
    const fitting: NodeInfo[] = [];
    for (const info of candidates) {
      const rejection = rejectionOf(info, service, task);
      if (rejection === undefined) fitting.push(info);
      else rejections.push(rejection);
    }
    const chosen = mostRoom(fitting, service.id, service.spec.task.placement, this.#failuresOf(task));
    if (chosen === undefined) {
      this.#draft.putTask({ ...task, pendingReason: explain(rejections) });
      return;
    }
    this.#infos.set(chosen.node.id, withTask(chosen, task));
    const status = { ...task.status, state: TaskState.ASSIGNED, atMs: this.#now };
    this.#draft.putTask({ ...task, nodeId: chosen.node.id, pendingReason: '', status });
  }
  #failuresOf(task: Task): ReadonlyMap<string, number> {
    const key = `${task.serviceId} ${task.specVersion}`;
    const known = this.#failures.get(key);
    if (known !== undefined) return known;
    const failures = recentFailures(this.#draft, task, this.#now);
    this.#failures.set(key, failures);
    return failures;
  }
}
