import { Cron, CronPattern } from 'croner';

/** When something is due: a pattern and the zone that its hours are of. */
export interface CronSchedule {
  /** Five fields, or six with seconds first, or one of the names (`@hourly`). */
  readonly cron: string;
  /** Of the IANA database; empty: UTC. */
  readonly timeZone: string;
}

const names: readonly string[] = ['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'];

const dayMs = 86_400_000;
/** No two changes of a zone's offset come closer together than that; none is larger. */
const nearMs = 2 * dayMs;
/** 1 January 2000: a pattern that does not come in the thousand years after it never does. */
const longAgoMs = 946_684_800_000;

/** All 60 minutes one by one have 169; ranges and steps say the same in a few. */
const longestPattern = 256;
const longestZone = 64;

/** What a schedule comes to, worked out once. */
interface Compiled {
  /** The next time of day after that one, both as milliseconds of a calendar without zones; undefined: never. */
  readonly nextWall: (wallMs: number) => number | undefined;
  /** Whether it is due in every hour of the days that it is due on: then it follows time as it goes by, not the clock on the wall. */
  readonly isHourly: boolean;
  /** How far the zone is ahead of UTC at an instant. */
  readonly offsetMs: (atMs: number) => number;
}

const offsetText = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;

const offsetsOf = (timeZone: string): ((atMs: number) => number) => {
  if (timeZone === '' || timeZone === 'UTC') return () => 0;
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  return (atMs) => {
    const [, sign, hours = '0', minutes = '0', seconds = '0'] = offsetText.exec(format.format(atMs)) ?? [];
    return (sign === '-' ? -1 : 1) * ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
  };
};

const compile = ({ cron, timeZone }: CronSchedule): Compiled => {
  const due = new Cron(cron, { mode: '5-or-6-parts', utcOffset: 0, paused: true });
  return {
    nextWall: (wallMs) => due.nextRun(new Date(wallMs))?.getTime(),
    isHourly: new CronPattern(cron, undefined, { mode: '5-or-6-parts' }).hour.every((hour) => hour === 1),
    offsetMs: offsetsOf(timeZone),
  };
};

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** To be asked before anything else is: what is longer is neither read nor quoted. */
const lengthProblem = (cron: string, timeZone: string): string | undefined => {
  if (cron.length > longestPattern) return `a schedule may have ${longestPattern} characters, and this one has ${cron.length}`;
  if (timeZone.length > longestZone)
    return `the name of a time zone may have ${longestZone} characters, and this one has ${timeZone.length}`;
  return undefined;
};

const patternProblem = (cron: string): string | undefined => {
  const fields = cron.trim().split(/\s+/);
  const [first = ''] = fields;
  if (first === '')
    return 'a schedule says when: five fields (minute, hour, day of the month, month, day of the week), such as "*/5 * * * *"';
  if (first.startsWith('@')) {
    return fields.length === 1 && names.includes(first.toLowerCase())
      ? undefined
      : `"${cron}" is no schedule that is known: those with a name are ${names.join(', ')}`;
  }
  if (fields.length === 5 || fields.length === 6) return undefined;
  const count = fields.length === 1 ? '1 field' : `${fields.length} fields`;
  return `"${cron}" has ${count}: a schedule has five (minute, hour, day of the month, month, day of the week), or six with seconds first`;
};

const zoneProblem = (timeZone: string): string | undefined => {
  if (timeZone === '') return undefined;
  const isName = /^[A-Za-z]/.test(timeZone);
  try {
    if (isName && offsetsOf(timeZone) !== undefined) return undefined;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return `"${timeZone}" is no time zone: they have the names of the IANA database, such as Europe/Berlin or UTC`;
};

const comes = ({ nextWall }: Compiled): boolean => {
  try {
    return nextWall(longAgoMs) !== undefined;
  } catch (error) {
    // It looked through so many months in vain that it ran out of stack.
    if (error instanceof RangeError) return false;
    throw error;
  }
};

/** What is wrong with a schedule, one sentence; undefined: nothing, and it is due again and again. */
export const cronProblem = (cron: string, timeZone: string): string | undefined => {
  const problem = lengthProblem(cron, timeZone) ?? patternProblem(cron) ?? zoneProblem(timeZone);
  if (problem !== undefined) return problem;
  try {
    return comes(compile({ cron, timeZone: '' })) ? undefined : `"${cron}" never comes`;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const why = error.message
      .replace(/^CronPattern: /, '')
      .replace(/\.$/, '')
      .replaceAll('. ', '; ');
    return `"${cron}" is no schedule: ${lowerFirst(why)}`;
  }
};

/** How many schedules stay worked out; the one that was asked for the longest ago goes. */
const maxCompiled = 1_000;
const compiled = new Map<string, Compiled>();

/** Undefined: it is no schedule, or its zone is not known here. */
const compiledOf = (schedule: CronSchedule): Compiled | undefined => {
  if (lengthProblem(schedule.cron, schedule.timeZone) !== undefined) return undefined;
  const key = `${schedule.cron}\n${schedule.timeZone}`;
  const found = compiled.get(key) ?? (cronProblem(schedule.cron, schedule.timeZone) === undefined ? compile(schedule) : undefined);
  if (found === undefined) return undefined;
  compiled.delete(key);
  compiled.set(key, found);
  for (const oldest of compiled.keys()) {
    if (compiled.size <= maxCompiled) break;
    compiled.delete(oldest);
  }
  return found;
};

/** A stretch of time in which the zone's offset stays the same. */
interface Stretch {
  readonly offsetMs: number;
  /** Where it begins, and the offset before; absent when that is more than two days ago. */
  readonly start: { readonly atMs: number; readonly offsetBeforeMs: number } | undefined;
  /** It goes on at least until there. */
  readonly untilMs: number;
}

/** The first instant in (fromMs, toMs] with another offset than the one at `fromMs`, where there is one change between the two. */
const changeBetween = (offsetMs: Compiled['offsetMs'], fromMs: number, toMs: number): number => {
  const before = offsetMs(fromMs);
  let [low, high] = [fromMs, toMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetMs(middle) === before) low = middle;
    else high = middle;
  }
  return high;
};

const stretchAt = (offsetAt: Compiled['offsetMs'], atMs: number): Stretch => {
  const [offsetBeforeMs, offsetMs, after] = [offsetAt(atMs - nearMs), offsetAt(atMs), offsetAt(atMs + nearMs)];
  return {
    offsetMs,
    start: offsetBeforeMs === offsetMs ? undefined : { atMs: changeBetween(offsetAt, atMs - nearMs, atMs), offsetBeforeMs },
    untilMs: after === offsetMs ? atMs + nearMs : changeBetween(offsetAt, atMs, atMs + nearMs),
  };
};

const least = (a: number | undefined, b: number | undefined): number | undefined => {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
};

/** The first firing after `afterMs` if the stretch went on for ever. */
const firstIn = ({ nextWall, isHourly }: Compiled, { offsetMs, start }: Stretch, afterMs: number): number | undefined => {
  const firstAfter = (ms: number, offset: number): number | undefined => {
    const wall = nextWall(ms + offset);
    return wall === undefined ? undefined : wall - offset;
  };
  if (start === undefined || isHourly) return firstAfter(afterMs, offsetMs);
  const forwardMs = offsetMs - start.offsetBeforeMs;
  // Clocks were put back: what they show a second time was due the first time.
  if (forwardMs < 0) return firstAfter(Math.max(afterMs, start.atMs - forwardMs - 1), offsetMs);
  // Clocks were put forward: what they did not show is due as much later.
  const leftOut = firstAfter(Math.max(afterMs, start.atMs - 1), start.offsetBeforeMs);
  const late = leftOut !== undefined && leftOut < start.atMs + forwardMs ? leftOut : undefined;
  return least(late, firstAfter(afterMs, offsetMs));
};

/**
 * The first instant after that one at which the schedule is due (epoch milliseconds); undefined: never again.
 *
 * Where clocks are put forward, a time of day that they leave out is due as much later as they are put forward: 02:30 at 03:30. Where they are put
 * back, a time of day that comes twice is due the first time alone. A schedule that is due in every hour (`*` for the hour) is due whenever clocks
 * show its minutes: in both of the doubled hours, and no more often where an hour is left out.
 */
export const nextFiring = (schedule: CronSchedule, afterMs: number): number | undefined => {
  const own = compiledOf(schedule);
  if (own === undefined) return undefined;
  let after = afterMs;
  for (;;) {
    const stretch = stretchAt(own.offsetMs, after + 1);
    const next = firstIn(own, stretch, after);
    if (next === undefined || next < stretch.untilMs) return next;
    // Nothing is due before that in any zone's reckoning.
    after = Math.max(stretch.untilMs, next - nearMs) - 1;
  }
};

/** The last instant in (afterMs, atMs] at which the schedule was due; undefined: there was none. Looks at few of those between. */
export const lastFiring = (schedule: CronSchedule, afterMs: number, atMs: number): number | undefined => {
  const isDueAfter = (ms: number): boolean => (nextFiring(schedule, ms) ?? Number.POSITIVE_INFINITY) <= atMs;
  const first = nextFiring(schedule, afterMs);
  if (first === undefined || first > atMs) return undefined;
  // As a rule nothing was missed.
  if (!isDueAfter(first)) return first;
  let [low, high] = [first, atMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isDueAfter(middle)) low = middle;
    else high = middle;
  }
  return nextFiring(schedule, low);
};
