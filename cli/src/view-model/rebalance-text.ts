import type { ObjectChange } from '@tso/proto';
import { oneLine } from './task-text.ts';
import { leftAlone } from './verb-text.ts';

/** `web: tasks are spread over the nodes as they are now. db: stays as it is, its data is in volume x, which stays where it is.` */
export const rebalancedText = (names: readonly string[], changes: readonly ObjectChange[], detach: boolean): string => {
  const moved = detach ? 'tasks are to be spread anew' : 'tasks are spread over the nodes as they are now';
  const stays = [...leftAlone(changes)].map(([name, why]) => `${name}: stays as it is${why === '' ? '' : `, ${why}`}.`);
  return [...(names.length === 0 ? [] : [`${names.join(', ')}: ${moved}.`]), ...stays].join(' ');
};

const moveText = (path: string, from: string, to: string): string =>
  path === 'rebalance' ? `    ${oneLine(to)}` : `    ${oneLine(path)}: ${oneLine(from)} -> ${oneLine(to)}`;

/** What would move, task by task, and what would not, with why. */
export const movesText = (changes: readonly ObjectChange[]): string => {
  if (changes.length === 0) return 'Nothing would move.\n';
  const left = leftAlone(changes);
  return changes
    .flatMap(({ name, changes: fields }) => {
      const why = left.get(name);
      if (why !== undefined) return [`= ${oneLine(name)} stays as it is${why === '' ? '' : `: ${oneLine(why)}`}`];
      return [`~ ${oneLine(name)} is spread anew`, ...fields.map(({ path, from, to }) => moveText(path, from, to))];
    })
    .map((line) => `${line}\n`)
    .join('');
};
