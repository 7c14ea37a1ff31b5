import type { NodeVerdict, PlacementView } from '@tso/proto';
import { oneLine, taskName } from './task-text.ts';

/** A decision as `service ps --explain --format json` shows it, with every node. */
export const placementRow = ({ task, node, sentence, nodes }: PlacementView): object => ({
  taskId: task.id,
  stack: task.stack,
  service: task.serviceName,
  slot: task.slot,
  node: node === '' ? null : node,
  because: sentence,
  nodes: nodes.map(({ nodeId, hostname, fits, reason }) => ({ id: nodeId, hostname, fits, reason })),
});

/** So many names are told of one reason, and so many reasons. */
const mostNames = 10;
const mostReasons = 12;

const namesText = (names: readonly string[]): string => {
  const shown = names.slice(0, mostNames).map(oneLine).join(', ');
  return names.length > mostNames ? `${shown} and ${names.length - mostNames} more` : shown;
};

/** The nodes by what is said of them, in the order in which they come. */
const byReason = (nodes: readonly NodeVerdict[]): ReadonlyMap<string, readonly string[]> => {
  const groups = new Map<string, string[]>();
  for (const { reason, hostname } of nodes) {
    const names = groups.get(reason);
    if (names === undefined) groups.set(reason, [hostname]);
    else names.push(hostname);
  }
  return groups;
};

const groupLines = (title: string, nodes: readonly NodeVerdict[]): readonly string[] => {
  const groups = [...byReason(nodes)];
  const lines = groups.slice(0, mostReasons).map(([reason, names]) => `${namesText(names)}${reason === '' ? '' : `: ${oneLine(reason)}`}`);
  const more = groups.slice(mostReasons).reduce((sum, [, names]) => sum + names.length, 0);
  return [...lines, ...(more > 0 ? [`${more} more nodes; --format json has all`] : [])].map(
    (line, index) => `  ${(index === 0 ? title : '').padEnd(14)}${line}`,
  );
};

const nodeLines = (nodes: readonly NodeVerdict[]): readonly string[] => [
  ...groupLines(
    'fits:',
    nodes.filter(({ fits }) => fits),
  ),
  ...groupLines(
    'does not fit:',
    nodes.filter(({ fits }) => !fits),
  ),
];

const headline = ({ task, node, sentence }: PlacementView, withStack: boolean): string => {
  const name = `${withStack ? `${task.stack}_` : ''}${taskName(task)}`;
  const why = sentence === '' ? '' : `: ${oneLine(sentence)}`;
  return node === '' ? `${name} waits${why}` : `${name} is on ${oneLine(node)}${why}`;
};

/** That not all was told, and how to see more. */
export const cutText = (cut: number, all: number): string =>
  `Of ${cut} of ${all} tasks it is not told what the nodes say to them: it would be too much for one answer. Naming fewer services leaves out less.\n`;

/** In place of the nodes of a task of which they are not told. */
const untold = `  ${'not told:'.padEnd(14)}what the nodes say`;

/**
 * Each task with where it is and why, and below it the nodes by what speaks for or against them were it placed now: the best first.
 * Tasks one after the other of which all nodes say the same share these lines. Without nodes is a task of which they are not told.
 */
export const placementsText = (placements: readonly PlacementView[]): string => {
  const withStack = new Set(placements.map(({ task }) => task.stack)).size > 1;
  const lines = placements.map((placement) => ({
    headline: headline(placement, withStack),
    nodes: placement.nodes.length === 0 ? untold : nodeLines(placement.nodes).join('\n'),
  }));
  return lines
    .flatMap((line, index) => {
      const isLast = lines[index + 1]?.nodes !== line.nodes;
      return isLast ? [line.headline, line.nodes] : [line.headline];
    })
    .map((line) => `${line}\n`)
    .join('');
};
