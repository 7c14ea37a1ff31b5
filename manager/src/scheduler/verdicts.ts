import type { NodeVerdict, Service, Task } from '@tso/proto';
import { isAssigned } from '../rules/task-facts.ts';
import { Draft } from '../store/transaction.ts';
import type { View } from '../store/view.ts';
import { askOf } from './ask.ts';
import { standingText } from './because.ts';
import { nowhereText, type Rejection, type Tally } from './explain.ts';
import { rejectionOf } from './filters.ts';
import { homesOf } from './home.ts';
import { leavingOf } from './leaving.ts';
import { Line } from './line.ts';
import { infoOf, type NodeInfo, nodeInfo, placementFailures } from './node-info.ts';
import { isBetter } from './queue.ts';

export interface PlacementExplained {
  /** Why the task is where it is, or why it is nowhere. */
  readonly sentence: string;
  /** Those that would take it now, best first, then those that would not, by hostname. */
  readonly nodes: readonly NodeVerdict[];
}

/** Explains many tasks of one view: what the nodes have to do is counted once. */
export class Explainer {
  readonly #view: View;
  readonly #now: number;
  readonly #infos: ReadonlyMap<string, NodeInfo>;

  /** @param now epoch milliseconds */
  constructor(view: View, now: number) {
    this.#view = view;
    this.#now = now;
    this.#infos = new Map(view.nodes().map((node) => [node.id, nodeInfo(view, node)]));
  }

  /**
   * What each node would say to the task, were it placed now: as if the task itself were not there, so that its own node is judged as the
   * others are. A task of a global service, whose node is given, is judged on every node all the same.
   */
  explain(service: Service, task: Task): PlacementExplained {
    const without = new Draft(this.#view);
    without.remove('task', task.id);
    const ask = askOf(without, service, task);
    const infos = [...this.#infos.values()].map((info) =>
      info.node.id === task.nodeId ? infoOf(info.node, without.tasksOfNode(info.node.id)) : info,
    );
    const failures = placementFailures(without, task, this.#now);
    const line = new Line(ask, infos, failures, leavingOf(without, service, task.specVersion).byNode);
    const home = this.#homeText(without, service, task);
    const verdict = (info: NodeInfo, rejection: Rejection | undefined): NodeVerdict => {
      const standing = [...(info.node.id === home?.nodeId ? [home.text] : []), standingText(ask, info, failures.get(info.node.id) ?? 0)];
      return {
        nodeId: info.node.id,
        hostname: hostnameOf(info),
        fits: rejection === undefined,
        reason: rejection?.one ?? standing.join(', '),
      };
    };
    const isHome = (info: NodeInfo): boolean =>
      info.node.id === home?.nodeId && (failures.get(info.node.id) ?? 0) <= (line.best?.rank[0] ?? 0);
    const fitting = infos
      .flatMap((info) => line.of(info.node.id) ?? [])
      .sort((a, b) => Number(isHome(b.info)) - Number(isHome(a.info)) || (isBetter(a, b) ? -1 : 1));
    const rejected = infos.flatMap((info) => {
      const rejection = rejectionOf(info, ask);
      return rejection === undefined ? [] : [{ info, rejection }];
    });
    const fits = fitting.map(({ info }) => verdict(info, undefined));
    const others = rejected.map(({ info, rejection }) => verdict(info, rejection)).sort(byHostname);
    return { sentence: sentenceOf(task, fits, line.rejected), nodes: [...fits, ...others] };
  }

  #homeText(view: View, service: Service, { slot }: Task): { readonly nodeId: string; readonly text: string } | undefined {
    const homes = homesOf(view, service);
    const nodeId = homes?.bySlot.get(slot);
    return homes === undefined || nodeId === undefined ? undefined : { nodeId, text: `its volume ${homes.volume} is there` };
  }
}

interface Kept {
  readonly explainer: Explainer;
  readonly now: number;
  readonly tasks: number;
  readonly nodes: number;
}

/** Whoever asks for one task of a service asks for the others too. */
const lately = new WeakMap<View, Kept>();

/** As `Explainer` does for one task; the next one of the same view and instant costs less. */
export const explainPlacement = (view: View, now: number, service: Service, task: Task): PlacementExplained => {
  const kept = lately.get(view);
  const [tasks, nodes] = [view.table('task').revision(), view.table('node').revision()];
  if (kept?.now === now && kept.tasks === tasks && kept.nodes === nodes) return kept.explainer.explain(service, task);
  const explainer = new Explainer(view, now);
  lately.set(view, { explainer, now, tasks, nodes });
  return explainer.explain(service, task);
};

const hostnameOf = ({ node }: NodeInfo): string => node.description.hostname || node.id;

const byHostname = (a: NodeVerdict, b: NodeVerdict): number =>
  a.hostname === b.hostname ? (a.nodeId < b.nodeId ? -1 : 1) : a.hostname < b.hostname ? -1 : 1;

const sentenceOf = (task: Task, fits: readonly NodeVerdict[], rejected: Tally): string => {
  if (isAssigned(task))
    return task.placedBecause ?? fits.find(({ nodeId }) => nodeId === task.nodeId)?.reason ?? 'nothing was kept of why it is there';
  if (task.pendingReason !== '') return task.pendingReason;
  return fits.length === 0 ? nowhereText(rejected) : 'it is about to be placed';
};
