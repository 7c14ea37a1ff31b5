import type { Service, Task } from '@tso/proto';
import { TaskState } from '@tso/proto';
import { claim } from '../rules/generic-resources.ts';
import { type Lenders, lendersText, withLenders } from '../rules/shared-namespaces.ts';
import type { Draft } from '../store/transaction.ts';
import { type Ask, askOf, hostModePorts } from './ask.ts';
import { becauseText } from './because.ts';
import { nowhereText, Tally } from './explain.ts';
import { fits, rejectionOf } from './filters.ts';
import { type Homes, homesOf } from './home.ts';
import { leavingOf } from './leaving.ts';
import { goesByTasks, Line } from './line.ts';
import type { InfoList, NodeInfo } from './node-info.ts';
import { infoList, nodeInfo, placementFailures, withTask } from './node-info.ts';
import type { Ranked } from './queue.ts';
import { Rosters } from './roster.ts';

/** What tasks of one kind are placed by: they ask for the same. */
interface Kind {
  readonly line: Line;
  readonly homes: Homes | undefined;
  /** Nodes of older tasks, by slot, that leave once a task of this kind has a place in it. */
  readonly older: Map<number, readonly string[]>;
  /** How many of the placements so far it knows of. */
  seen: number;
}

interface Chosen {
  readonly ask: Ask;
  readonly info: NodeInfo;
  readonly because: string;
}

/** Places tasks one after the other, each seeing those placed before it. */
export class Scheduler {
  readonly #draft: Draft;
  readonly #now: number;
  readonly #before: InfoList;
  /** Nodes that something was placed on, as they are now. */
  readonly #infos = new Map<string, NodeInfo>();
  readonly #rosters: Rosters;
  readonly #kinds = new Map<string, Kind>();
  /** Nodes that something was placed on, in that order. */
  readonly #placedOn: string[] = [];
  /** One copy of each sentence, however many tasks are placed for the same reason. */
  readonly #sentences = new Map<string, string>();

  /**
   * @param before the draft's nodes, as far as somebody has kept them
   * @param rosters of plans before
   */
  constructor(draft: Draft, now: number, before = infoList(draft.nodes().map((node) => nodeInfo(draft, node))), rosters = new Rosters()) {
    this.#draft = draft;
    this.#now = now;
    this.#before = before;
    this.#rosters = rosters;
  }

  /**
   * Assigns an allocated task to the best node that fits. A global task fits its own node or none. Returns why none does; undefined: it has
   * one now.
   * @param lenders the tasks that it shares something with: only their node fits
   */
  place(service: Service, task: Task, lenders?: Lenders): string | undefined {
    const nodeId = lenders?.nodeId ?? task.nodeId;
    const found = nodeId === '' ? this.#best(service, task) : this.#bound(service, task, nodeId, lenders);
    if (typeof found === 'string') return found;
    const { node, generic: claimed } = found.info;
    const given = claim(node.description.generic, claimed, found.ask.generic);
    const status = { ...task.status, state: TaskState.ASSIGNED, atMs: this.#now };
    const placed = { ...task, nodeId: node.id, generic: given, pendingReason: '', placedBecause: this.#shared(found.because), status };
    this.#infos.set(node.id, withTask(found.info, placed));
    this.#placedOn.push(node.id);
    this.#draft.putTask(withLenders(placed, lenders));
    return undefined;
  }

  /** The node with what its tasks, those placed here among them, take of it now. */
  info(nodeId: string): NodeInfo | undefined {
    return this.#infos.get(nodeId) ?? this.#before.infos[this.#before.places.get(nodeId) ?? -1];
  }

  /** Keeps room on a node for a task that is to be put there later: whoever is placed after it finds it taken. */
  keepRoom(nodeId: string, task: Task): void {
    const info = this.info(nodeId);
    if (info === undefined) return;
    this.#infos.set(nodeId, withTask(info, task));
    this.#placedOn.push(nodeId);
  }

  /** The same where the task would fit now. Returns whether it does. */
  keepRoomIfFree(service: Service, task: Task): boolean {
    const info = this.info(task.nodeId);
    if (info === undefined || !fits(info, askOf(this.#draft, service, task))) return false;
    this.keepRoom(task.nodeId, task);
    return true;
  }

  #shared(sentence: string): string {
    const known = this.#sentences.get(sentence);
    if (known === undefined) this.#sentences.set(sentence, sentence);
    return known ?? sentence;
  }

  /** That node or none. */
  #bound(service: Service, task: Task, nodeId: string, lenders: Lenders | undefined): Chosen | string {
    const own = this.info(nodeId);
    const ask = askOf(this.#draft, service, task);
    const rejection = own && rejectionOf(own, ask);
    const beside = lenders === undefined ? undefined : `shares ${lendersText(lenders)} on ${own?.node.description.hostname ?? nodeId}`;
    if (own === undefined || rejection !== undefined) {
      const why = nowhereText(rejection === undefined ? new Tally() : new Tally().add(rejection));
      return beside === undefined ? why : `${beside}: ${why}`;
    }
    return { ask, info: own, because: beside ?? this.#boundText(task) };
  }

  #boundText(task: Task): string {
    const from = task.replaces === undefined ? undefined : this.#draft.task(task.replaces)?.nodeId;
    if (from === undefined) return 'one on each node that it may run on';
    return `moved from ${this.#draft.node(from)?.description.hostname ?? from}, so that tasks are spread evenly`;
  }

  #best(service: Service, task: Task): Chosen | string {
    const { line, homes, older } = this.#kindOf(service, task);
    for (const nodeId of older.get(task.slot) ?? []) line.leaves(nodeId);
    older.delete(task.slot);
    const { best } = line;
    if (best === undefined) return nowhereText(line.rejected);
    const home = this.#homeOf(line, homes, task, best);
    const chosen = home ?? best;
    const forVolume = home === undefined ? undefined : homes?.volume;
    const second = home === undefined ? line.second : undefined;
    const { ask, fitting, rejected } = line;
    return { ask, info: chosen.info, because: becauseText(ask, { chosen, second, fitting, rejected, forVolume }) };
  }

  /** The node with the slot's data, when it takes the task and failed no more of them than the best. */
  #homeOf(line: Line, homes: Homes | undefined, { slot }: Task, best: Ranked): Ranked | undefined {
    const nodeId = homes?.bySlot.get(slot);
    const home = nodeId === undefined ? undefined : line.of(nodeId);
    return home !== undefined && (home.rank[0] ?? 0) <= (best.rank[0] ?? 0) ? home : undefined;
  }

  /** Of tasks that ask for the same: what rejects a node for one of them rejects it for all that come after. */
  #kindOf(service: Service, task: Task): Kind {
    const key = `${service.id} ${task.specVersion} ${hostModePorts(task.ports).join(' ')}`;
    const known = this.#kinds.get(key);
    const kind = known ?? this.#newKind(askOf(this.#draft, service, task), task);
    if (known === undefined) this.#kinds.set(key, kind);
    for (; kind.seen < this.#placedOn.length; kind.seen += 1) {
      const info = this.#infos.get(this.#placedOn[kind.seen] ?? '');
      if (info !== undefined) kind.line.changed(info);
    }
    return kind;
  }

  #newKind(ask: Ask, task: Task): Kind {
    const failures = placementFailures(this.#draft, task, this.#now);
    const { byNode, bySlot } = leavingOf(this.#draft, ask.service, task.specVersion);
    const settled = new Set([...this.#draft.tasksOfService(ask.service.id).map(({ nodeId }) => nodeId), ...this.#placedOn]);
    const { infos } = this.#before;
    const line = goesByTasks(ask)
      ? new Line(ask, { roster: this.#rosters.of(ask, infos), settled, infoOf: this.info.bind(this) }, failures, byNode)
      : new Line(
          ask,
          infos.map((info) => this.#infos.get(info.node.id) ?? info),
          failures,
          byNode,
          settled,
        );
    return { line, homes: homesOf(this.#draft, ask.service), older: new Map(bySlot), seen: this.#placedOn.length };
  }
}
