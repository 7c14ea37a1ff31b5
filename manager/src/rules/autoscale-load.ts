import type { AutoscaleSpec, Task, TaskSpec } from '@tso/proto';
import { isLive, isOccupant, isServing } from './task-facts.ts';

/** What a task takes, as its node measured it: CPU in billionths of one, as a mean over some seconds. */
export interface TaskFigures {
  readonly nanoCpus: number;
  readonly memoryBytes: number;
}

/** Its figures of the time since that instant; undefined: none, too few, or too old. */
export type FiguresOf = (taskId: string, sinceMs: number) => TaskFigures | undefined;

/** How far from its target a mean may be without anything being done (Kubernetes' horizontal autoscaler has the same). */
const tolerance = 0.1;
/** What a number that should be whole is off by for want of digits. */
const rounding = 1e-9;
const oneCpu = 1e9;

/** What percent of CPU are of: what it has reserved, else its limit, else one CPU. In billionths of a CPU. */
export const cpuBase = ({ reservations, limits }: Pick<TaskSpec, 'reservations' | 'limits'>): number =>
  reservations.nanoCpus || limits.nanoCpus || oneCpu;

/** What percent of memory are of; 0: it has reserved none and has no limit, so there is nothing to measure it by. */
export const memoryBase = ({ reservations, limits }: Pick<TaskSpec, 'reservations' | 'limits'>): number =>
  reservations.memoryBytes || limits.memoryBytes;

export interface Load {
  /** How many tasks would bring it to the targets, whatever the bounds; undefined: there are no figures to tell by. */
  readonly needed: number | undefined;
  /** Without a full stop: `mean CPU 210 % (70 % wished)`; what asks for most comes first. */
  readonly text: string;
}

interface Measure {
  readonly name: string;
  readonly targetPercent: number;
  /** What each measured task takes, as a part of its base. */
  readonly shares: readonly number[];
}

/**
 * How many it takes of one measure. Tasks without figures count against a change: as idle when there should be more, as being at their target
 * when there should be fewer.
 * @param missing wished tasks without figures
 */
const neededBy = ({ shares, targetPercent }: Measure, missing: number, present: number): number => {
  const target = targetPercent / 100;
  const sum = shares.reduce((total, share) => total + share, 0);
  const all = shares.length + missing;
  const ratio = sum / shares.length / target;
  if (Math.abs(ratio - 1) <= tolerance) return present;
  const taken = ratio > 1 ? sum : sum + missing * target;
  const corrected = taken / all / target;
  const wanted = Math.max(1, Math.ceil(taken / target - rounding));
  if (ratio > 1) return corrected <= 1 + tolerance ? present : Math.max(present, wanted);
  return corrected >= 1 - tolerance ? present : Math.min(present, wanted);
};

const textOf = ({ name, targetPercent, shares }: Measure): string => {
  const mean = shares.reduce((total, share) => total + share, 0) / shares.length;
  return `mean ${name} ${Math.round(mean * 100)} % (${targetPercent} % wished)`;
};

/** Wished tasks that are not on their way out. */
export const wishedTasks = (tasks: readonly Task[]): readonly Task[] => tasks.filter((task) => isOccupant(task) && isLive(task));

const isPaused = ({ paused, status }: Task): boolean => paused === true || status.paused === true;

/**
 * What the tasks of a service take, against what is wished. Those that do not serve yet are not looked at (a start takes more than what
 * follows), nor those that are paused.
 * @param present how many there are to be just now
 * @param sinceMs what was measured before says nothing: there were more or fewer
 */
export const loadOf = (spec: AutoscaleSpec, tasks: readonly Task[], present: number, sinceMs: number, figuresOf: FiguresOf): Load => {
  const wished = wishedTasks(tasks);
  const cpu: number[] = [];
  const memory: number[] = [];
  let measured = 0;
  for (const task of wished) {
    if (!isServing(task) || isPaused(task)) continue;
    const figures = figuresOf(task.id, sinceMs);
    if (figures === undefined) continue;
    measured += 1;
    cpu.push(figures.nanoCpus / cpuBase(task.spec));
    const base = memoryBase(task.spec);
    if (base > 0) memory.push(figures.memoryBytes / base);
  }
  const missing = Math.max(present, wished.length) - measured;
  const measures: readonly Measure[] = [
    { name: 'CPU', targetPercent: spec.cpuPercent, shares: cpu },
    { name: 'memory', targetPercent: spec.memoryPercent, shares: memory },
  ].filter(({ targetPercent, shares }) => targetPercent > 0 && shares.length > 0);
  const found = measures
    .map((measure) => ({ needed: neededBy(measure, missing, present), text: textOf(measure) }))
    .toSorted((a, b) => b.needed - a.needed);
  return { needed: found[0]?.needed, text: found.map(({ text }) => text).join(', ') };
};
