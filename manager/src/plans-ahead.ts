import type { PlannedTask, RandomBytes, StoreAction, Task } from '@tso/proto';
import type { Scope } from './orchestrator/plan-memory.ts';
import { PlannerMemory, plan } from './planner.ts';
import { byAge, isAssigned, isLive, isOccupant } from './rules/task-facts.ts';
import { putAhead } from './store/ahead.ts';
import { Draft } from './store/transaction.ts';
import type { View } from './store/view.ts';

/** What plans would do first, were a change made. */
export interface PlansAhead {
  /** By stack, service, slot and node; at most as many as are shown. */
  readonly tasks: readonly PlannedTask[];
  /** How many there are in all, as far as was planned. */
  readonly count: number;
  /** Whether there is more to do than was planned. */
  readonly isCut: boolean;
}

/** Who looks ahead is not to hold the event loop for long: with 5000 nodes a plan that begins from nothing costs some 100 ms. */
const maxPlans = 6;
const maxShown = 300;

/** Repeatable (xorshift): what is shown hangs on no id. */
const repeatableBytes = (): RandomBytes => {
  let state = 0x9e3779b9;
  return (count) =>
    Uint8Array.from({ length: count }, () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state >>> 24;
    });
};

/** Looks at the services of one stack and at no others, and remembers nothing. */
class OfStack extends PlannerMemory {
  readonly #stack: string;

  constructor(stack: string) {
    super();
    this.#stack = stack;
  }

  override scope(view: View): Scope {
    const serviceIds = new Set(view.servicesOfStack(this.#stack).map(({ id }) => id));
    return { serviceIds, isPartial: false, isWhole: false, wakeAtMs: undefined };
  }

  override looked(): void {
    // The next plan looks at the same services again.
  }
}

/** Where a task belongs: `service slot`, or `service node` where places are nodes. */
const placeOf = ({ serviceId, slot, nodeId }: Task): string => `${serviceId} ${slot === 0 ? nodeId : slot}`;

const holds = (task: Task): boolean => isOccupant(task) && isLive(task);

interface Told {
  readonly stack: string;
  readonly task: Task;
  readonly action: 'start' | 'stop' | 'replace';
}

/** What became of one place, were there two tasks of it before and after; undefined: nothing that people see. */
const toldOf = (stack: string, before: readonly Task[], after: readonly Task[]): Told | undefined => {
  const [was] = before.filter(holds).sort(byAge);
  const made = after.find(
    (task) => holds(task) && (task.id !== was?.id || isAssigned(task) !== isAssigned(was) || task.pendingReason !== was.pendingReason),
  );
  if (made !== undefined)
    return { stack, task: made, action: was === undefined || was.id === made.id || !isAssigned(was) ? 'start' : 'replace' };
  if (was === undefined || after.some((task) => task.id === was.id && holds(task))) return undefined;
  return { stack, task: after.find(({ id }) => id === was.id) ?? was, action: 'stop' };
};

const rowOf = (view: View, { stack, task, action }: Told): PlannedTask => ({
  service: task.stack === stack ? task.serviceName : `${task.stack}_${task.serviceName}`,
  slot: task.slot,
  action,
  node: isAssigned(task) ? (view.node(task.nodeId)?.description.hostname ?? '') : '',
  reason: action === 'stop' ? (task.retiredBecause ?? '') : isAssigned(task) ? (task.placedBecause ?? '') : task.pendingReason,
});

const byPlace = (a: PlannedTask, b: PlannedTask): number => {
  if (a.service !== b.service) return a.service < b.service ? -1 : 1;
  return a.slot - b.slot || (a.node < b.node ? -1 : a.node > b.node ? 1 : 0);
};

/**
 * What the planner would do first with the services of that stack were these actions applied now: plans in a row, as far as they come before any
 * agent has done something. A task of another stack that would have to give way is told with its stack's name.
 */
export const plansAhead = (view: View, actions: readonly StoreAction[], stack: string, now: number): PlansAhead => {
  const draft = new Draft(view);
  putAhead(draft, actions, now);
  const random = repeatableBytes();
  const memory = new OfStack(stack);
  const touched = new Map<string, Task>();
  let isCut = true;
  for (let plans = 0; plans < maxPlans && touched.size <= maxShown; plans += 1) {
    const next = plan(draft, now, random, memory);
    if (next.actions.length === 0 && !next.isPartial) {
      isCut = false;
      break;
    }
    for (const { putTask, remove } of next.actions) {
      const task = putTask ?? (remove?.kind === 'task' ? view.task(remove.id) : undefined);
      if (task !== undefined) touched.set(task.id, task);
    }
    putAhead(draft, next.actions, now);
  }
  const places = new Set([...touched.values()].map(placeOf));
  const services = new Set([...touched.values()].map(({ serviceId }) => serviceId));
  const [before, after] = [view, draft].map((of) =>
    Map.groupBy(
      [...services].flatMap((id) => of.tasksOfService(id)),
      placeOf,
    ),
  );
  const told = [...places].flatMap((place) => toldOf(stack, before?.get(place) ?? [], after?.get(place) ?? []) ?? []);
  const rows = told.map((one) => rowOf(draft, one)).sort(byPlace);
  return { tasks: rows.slice(0, maxShown), count: rows.length, isCut };
};
