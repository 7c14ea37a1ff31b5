import type { Ask } from './ask.ts';
import type { Tally } from './explain.ts';
import type { NodeInfo } from './node-info.ts';
import { differsAt, type Ranked } from './queue.ts';
import { fullnessWith } from './ranking.ts';
import { branchText } from './spread.ts';

const percentText = (share: number): string => `${Math.round(share * 100)} %`;

const tasksText = (count: number): string => `${count} task${count === 1 ? '' : 's'}`;

/** The levels of a rank in their order: how often tasks failed there, one for each preference, and two of the node itself. */
const levelText = (level: number, { info, rank }: Ranked, ask: Ask): string => {
  const { spreadOver } = ask.service.spec.task.placement;
  const value = rank[level] ?? 0;
  const { name } = ask.service.spec;
  if (level === 0) return `fewest failures of ${name} lately (${value})`;
  const preference = spreadOver[level - 1];
  if (preference !== undefined) return `fewest tasks of ${name} in nodes with ${branchText(info.node, preference)} (${value})`;
  const isFirst = level === spreadOver.length + 1;
  if (!ask.isPacked) return isFirst ? `fewest tasks of ${name} (${value})` : `fewest tasks (${value})`;
  return isFirst ? `fullest that fits (${percentText(fullnessWith(info, ask))} reserved with it)` : `most tasks (${-value})`;
};

/** '2 of 3 nodes fit, 1 drained' */
const choiceText = (fitting: number, rejected: Tally): string => {
  const all = fitting + rejected.count;
  if (rejected.count === 0) return `all ${all} nodes fit`;
  return `${fitting} of ${all} nodes ${fitting === 1 ? 'fits' : 'fit'}, ${rejected.text}`;
};

export interface Choice {
  readonly chosen: Ranked;
  /** The best of the others; undefined: there is none. */
  readonly second: Ranked | undefined;
  /** Nodes that fit, the chosen one among them. */
  readonly fitting: number;
  readonly rejected: Tally;
  /** The volume for whose sake the node was taken. */
  readonly forVolume: string | undefined;
}

/** Why a task is placed where it is: by what its node is better than the best of the others. */
export const becauseText = (ask: Ask, { chosen, second, fitting, rejected, forVolume }: Choice): string => {
  const choice = choiceText(fitting, rejected);
  if (forVolume !== undefined)
    return fitting + rejected.count === 1 ? `its volume ${forVolume} is there` : `its volume ${forVolume} is there; ${choice}`;
  if (second === undefined) return fitting + rejected.count === 1 ? 'the only node there is' : `the only node that fits; ${choice}`;
  // Where nothing tells them apart the node's id does; what the last level that means something says is what both have.
  const level = differsAt(chosen.rank, second.rank);
  const why = levelText(level ?? ask.service.spec.task.placement.spreadOver.length + 1, chosen, ask);
  return `${why}${level === undefined ? ', as others, and first by id' : ''}; ${choice}`;
};

/** What a node that fits is ranked by, for who compares them. */
export const standingText = (ask: Ask, info: NodeInfo, failures: number): string => {
  const { service } = ask;
  const { spreadOver } = service.spec.task.placement;
  const parts = [
    failures > 0 ? [`${failures} failures of ${service.spec.name} lately`] : [],
    spreadOver.map((key) => branchText(info.node, key)),
    ask.isPacked ? [`${percentText(fullnessWith(info, ask))} reserved with it`] : [],
    [`${tasksText(info.tasksOfService.get(service.id) ?? 0)} of ${service.spec.name}`, `${info.tasks} in all`],
  ];
  return parts.flat().join(', ');
};
