import type { AutoscaleSpec, AutoscaleStatus, Service, Task } from '@tso/proto';
import { ServiceMode } from '@tso/proto';
import { type FiguresOf, type Load, loadOf, wishedTasks } from './autoscale-load.ts';
import { isAssigned, isLive, isOccupant, isServing, statusAtMs } from './task-facts.ts';
import { isPaused, isUnderWay } from './update-pace.ts';
import { wantedSlots } from './wanted.ts';
import { durationText, taskName } from './words.ts';

/** How many tasks a service needed at an instant. */
interface Need {
  readonly atMs: number;
  readonly count: number;
}

/** What whoever leads remembers of a service between two looks; nobody else knows it. */
export interface AutoscaleMemory {
  /** Since when it is looked at. */
  readonly sinceMs: number;
  /** Of the time of one cool-down: oldest first, each smaller than the one before. A later one that is no smaller says all that those before it did. */
  readonly needs: readonly Need[];
  /** When it last came to fewer, which brings no new cool-down; 0: not yet. */
  readonly loweredAtMs: number;
  /** When a sentence was last changed without the number; 0: never. */
  readonly saidAtMs: number;
}

export const freshAutoscaleMemory = (nowMs: number): AutoscaleMemory => ({ sinceMs: nowMs, needs: [], loweredAtMs: 0, saidAtMs: 0 });

/** All that decides how many tasks a service is to have. Values only. */
export interface AutoscaleSituation {
  readonly service: Service;
  /** Of the service, all that are kept. */
  readonly tasks: readonly Task[];
  readonly figuresOf: FiguresOf;
  readonly now: number;
  readonly memory: AutoscaleMemory;
}

export interface AutoscaleVerdict {
  /** To be written; undefined: it stays as it is. */
  readonly status: AutoscaleStatus | undefined;
  readonly memory: AutoscaleMemory;
}

/** How long after a change of their number the tasks that start or begin to serve still take part in it. */
const settlingMs = 60_000;
/** A sentence alone is written this often at most. */
const sayAgainMs = 60_000;

/** Whether the cluster decides how many tasks it has. */
export const isAutoscaled = ({ spec, removing }: Service): boolean =>
  spec.autoscale !== undefined && spec.mode === ServiceMode.REPLICATED && !removing;

const within = ({ min, max }: AutoscaleSpec, count: number): number => Math.min(Math.max(count, min, 1), Math.max(max, min, 1));

/** From when figures count: what was measured with fewer or more tasks says nothing of how many are needed now. */
const settledAtMs = ({ autoscale }: Service, tasks: readonly Task[]): number => {
  const scaledAtMs = autoscale?.scaledAtMs ?? 0;
  if (scaledAtMs === 0) return 0;
  const began = wishedTasks(tasks)
    .filter(isServing)
    .map(statusAtMs)
    .filter((atMs) => atMs >= scaledAtMs && atMs <= scaledAtMs + settlingMs);
  return Math.max(scaledAtMs, ...began);
};

/** Why nothing may be taken away now, if so: what is measured meanwhile is not what it will be. */
const mayNotShrink = ({ update }: Service, tasks: readonly Task[]): boolean =>
  isUnderWay(update) ||
  isPaused(update) ||
  tasks.some((task) => isLive(task) && (!isOccupant(task) || task.paused === true || task.status.paused === true));

/** @param need undefined: it cannot be told just now */
const withNeed = (needs: readonly Need[], need: Need | undefined, sinceMs: number): readonly Need[] => {
  const kept = needs.filter(({ atMs }) => atMs > sinceMs);
  return need === undefined ? kept : [...kept.filter(({ count }) => count > need.count), need];
};

const tasksText = (count: number): string => `${count} ${count === 1 ? 'task' : 'tasks'}`;

/** How the sentences begin that say why a number stays. */
const stays = 'stays at';

/** Why a number stays that its load would have changed, or that nothing is known of; undefined: nothing keeps it from what it needs. */
const hindrance = (spec: AutoscaleSpec, present: number, { needed }: Load, waiting: Task | undefined): string | undefined => {
  if (needed === undefined) return 'there are no figures of its running tasks';
  if (needed <= present) return undefined;
  if (within(spec, present + 1) === present) return 'its load asks for more, and that is the most it may have';
  if (waiting === undefined) return undefined;
  const { pendingReason } = waiting;
  const what = pendingReason.startsWith('waits for ')
    ? `${taskName(waiting)} ${pendingReason}`
    : 'it has a task already that no node takes';
  return `its load asks for more, but ${what}`;
};

/**
 * How many tasks the service is to have from now on. More at once, at most twice as many in one step; fewer once no more than that were needed
 * for the whole of its cool-down, which begins anew when there come to be more, and with each leader; never fewer during an update, while tasks of it
 * are paused or on their way out. A task that no node takes is not followed by others; one that waits to be started again is.
 */
export const autoscale = (situation: AutoscaleSituation): AutoscaleVerdict => {
  const { service, tasks, figuresOf, now, memory } = situation;
  const spec = service.spec.autoscale;
  if (spec === undefined || !isAutoscaled(service) || service.stopped) return { status: undefined, memory: freshAutoscaleMemory(now) };
  const present = wantedSlots(service);
  const stored = service.autoscale;
  if (stored !== undefined && stored.replicas !== present) {
    const message = `went from ${stored.replicas} to ${present}: it is to have ${spec.min} to ${spec.max}`;
    return { status: { replicas: present, scaledAtMs: now, message }, memory };
  }
  const load = loadOf(spec, tasks, present, settledAtMs(service, tasks), figuresOf);
  const isHeld = mayNotShrink(service, tasks);
  const isKnown = load.needed !== undefined && !isHeld;
  const need = within(spec, isHeld ? Math.max(load.needed ?? present, present) : (load.needed ?? present));
  // While those go that it has itself taken away, what the others take says nothing, and is no need for more either.
  const isLowering = stored?.scaledAtMs === memory.loweredAtMs && now - memory.loweredAtMs < settlingMs && need <= present;
  const needs = withNeed(memory.needs, isLowering && !isKnown ? undefined : { atMs: now, count: need }, now - spec.coolDownMs);
  const next = { ...memory, needs };
  const waiting = wishedTasks(tasks).find((task) => !isAssigned(task) && task.pendingReason !== '' && task.notBeforeMs <= now);
  const changedAtMs = stored?.scaledAtMs === memory.loweredAtMs ? 0 : (stored?.scaledAtMs ?? 0);
  const restedSinceMs = Math.max(changedAtMs, memory.sinceMs);
  const to = isLowering && !isKnown ? present : step({ spec, present, needs, waiting, now, restedSinceMs });
  if (to !== present) {
    const why = to > present ? load.text : `for ${durationText(spec.coolDownMs)} no more than ${tasksText(to)} needed, ${load.text}`;
    const status = { replicas: to, scaledAtMs: now, message: `went from ${present} to ${to}: ${why}` };
    return { status, memory: to < present ? { ...next, loweredAtMs: now } : next };
  }
  return said(situation, next, present, hindrance(spec, present, load, waiting));
};

interface Step {
  readonly spec: AutoscaleSpec;
  readonly present: number;
  readonly needs: readonly Need[];
  readonly waiting: Task | undefined;
  readonly now: number;
  /** Since when there came to be no more. */
  readonly restedSinceMs: number;
}

const step = ({ spec, present, needs, waiting, now, restedSinceMs }: Step): number => {
  const need = needs.at(-1)?.count ?? present;
  if (need > present) return waiting === undefined ? Math.min(need, within(spec, Math.max(2 * present, present + 1))) : present;
  // The oldest that is left is the largest of the whole time.
  const most = needs[0]?.count ?? present;
  return most < present && now - restedSinceMs >= spec.coolDownMs ? most : present;
};

/** What hinders it is written too, and that nothing does any more; not at each turn of its load. What led to a number is left to stand. */
const said = (
  { service: { autoscale: stored }, now, memory }: AutoscaleSituation,
  next: AutoscaleMemory,
  present: number,
  hindered: string | undefined,
): AutoscaleVerdict => {
  const wasHindered = stored?.message.startsWith(stays) ?? false;
  const message = `${stays} ${present}: ${hindered ?? 'its load asks for no other number'}`;
  const isNews = (hindered !== undefined || wasHindered) && message !== stored?.message;
  const isDue = now - Math.max(memory.saidAtMs, memory.sinceMs, stored?.scaledAtMs ?? 0) >= sayAgainMs;
  if (!isNews || !isDue) return { status: undefined, memory: next };
  return { status: { replicas: present, scaledAtMs: stored?.scaledAtMs ?? 0, message }, memory: { ...next, saidAtMs: now } };
};
