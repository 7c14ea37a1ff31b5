import { isTerminal, isWishedRunning, type ServiceView, type Task } from '@tso/proto';
import type { DetailLine } from './detail-lines.ts';
import { failureText, isFailure, oneLine, stateWord, taskName } from './task-text.ts';

/** So many reasons are told, and so many names of each. */
const mostReasons = 8;
const mostNames = 6;
/** So many of the tasks that ended last. */
const mostEnded = 3;

const namesText = (tasks: readonly Task[]): string => {
  const names = tasks.slice(0, mostNames).map(taskName).join(', ');
  return tasks.length > mostNames ? `${names} and ${tasks.length - mostNames} more` : names;
};

const lines = (title: string, texts: readonly string[]): readonly DetailLine[] =>
  texts.map((text, index) => [index === 0 ? title : '', text]);

/** Why tasks are where they are, those with one reason together. */
export const placedLines = ({ tasks }: Pick<ServiceView, 'tasks'>): readonly DetailLine[] => {
  const placed = tasks.filter(
    (task) => isWishedRunning(task.desiredState) && !isTerminal(task.status.state) && (task.placedBecause ?? '') !== '',
  );
  const groups = [...Map.groupBy(placed, (task) => task.placedBecause ?? '')];
  const texts = groups.slice(0, mostReasons).map(([reason, group]) => `${namesText(group)}: ${oneLine(reason)}`);
  const more = groups.length - texts.length;
  return lines('Placed', more > 0 ? [...texts, `and ${more} more reasons; tso service ps --explain has all`] : texts);
};

/** Why a task ends or has ended: as it was asked to, else as it did by itself. Empty: nothing is known. */
export const endReason = (task: Task): string => {
  if (isFailure(task.status.state)) return failureText(task);
  return isWishedRunning(task.desiredState) ? '' : oneLine(task.retiredBecause ?? '');
};

/** The tasks that were last asked to end or ended badly, the newest first, each with why. */
export const endedLines = ({ tasks }: Pick<ServiceView, 'tasks'>): readonly DetailLine[] => {
  const atMs = (task: Task): number => task.stateAtMs ?? task.status.atMs;
  const ended = tasks.filter((task) => endReason(task) !== '').toSorted((a, b) => atMs(b) - atMs(a));
  return lines(
    'Ended',
    ended.slice(0, mostEnded).map((task) => `${taskName(task)} ${stateWord(task)}: ${endReason(task)}`),
  );
};
