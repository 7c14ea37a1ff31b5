import { type ObjectChange, type Service, ServiceMode, type Task, UpdateOrder } from '@tso/proto';
import { restartedAfter } from '../rules/dependencies.ts';
import { isByNode, isJob, isJobMode, isScheduled } from '../rules/jobs.ts';
import { admits } from '../rules/node-facts.ts';
import { desiredCount } from '../rules/places.ts';
import { servesSpec } from '../rules/replacement.ts';
import { sharedKinds } from '../rules/shared-namespaces.ts';
import { isAssigned, isLive, isOccupant } from '../rules/task-facts.ts';
import { isPaused, updatePace } from '../rules/update-pace.ts';
import type { Draft } from '../store/transaction.ts';
import type { View } from '../store/view.ts';

export const countText = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Tasks that hold a place and may run. */
const heldBy = (view: View, service: Service): readonly Task[] =>
  view.tasksOfService(service.id).filter((task) => isOccupant(task) && isLive(task));

/** Which tasks of it a change concerns, by the rules that the planner goes by. */
interface Concerned {
  /** They do not serve what the service is to be. */
  readonly replaced: number;
  /** They may not stay where they are. */
  readonly moved: number;
}

const concerned = (view: View, after: Service, wanted: number): Concerned => {
  const held = heldBy(view, after);
  const stale = held.filter((task) => task.mode !== after.spec.mode || !servesSpec(after, task));
  const away = held.filter((task) => {
    const node = isAssigned(task) && !stale.includes(task) ? view.node(task.nodeId) : undefined;
    return node !== undefined && !admits(after.spec.task, node);
  });
  return { replaced: Math.min(stale.length, wanted), moved: Math.min(away.length, wanted) };
};

/** How tasks are replaced: ', 2 at a time, the new one first'. */
const paceText = (service: Service, count: number): string => {
  const { parallelism, order, pauseAfter = 0 } = updatePace(service);
  const atOnce = count === 1 ? '' : parallelism === 0 || parallelism >= count ? ', all at once' : `, ${parallelism} at a time`;
  const first = order === UpdateOrder.START_FIRST ? ', the new one first' : ', the old one stopped first';
  const stands = pauseAfter > 0 && pauseAfter < count ? `, standing still after ${pauseAfter}` : '';
  return `${atOnce}${first}${stands}`;
};

const beginText = (view: View, { spec }: Service, wanted: number): string => {
  if (spec.schedule !== undefined && isJobMode(spec.mode)) return 'runs when it is due';
  if (isByNode(spec.mode)) {
    const nodes = `${countText(wanted, 'node')}${view.nodes().length === wanted ? '' : ` of ${view.nodes().length}`}`;
    return spec.mode === ServiceMode.GLOBAL ? `starts a task on ${nodes}` : `runs once on ${nodes}`;
  }
  return isJobMode(spec.mode) ? `runs ${countText(wanted, 'time')}` : `starts ${countText(wanted, 'task')}`;
};

const jobText = (view: View, before: Service, after: Service): string => {
  const under = heldBy(view, before).length;
  const ends = under === 0 ? '' : `, and ${under === 1 ? 'what is under way ends' : `the ${under} tasks under way end`}`;
  if (isScheduled(after)) {
    const begun = after.runs.filter((run) => !before.runs.some((each) => each.iteration === run.iteration && each.state === run.state));
    const [run] = begun;
    if (run !== undefined) return run.message === '' ? 'runs once now' : `does not run now: ${run.message}`;
    return 'no task starts before it is due';
  }
  const wanted = desiredCount(view, after);
  if (after.jobIteration !== before.jobIteration)
    return `runs anew${isByNode(after.spec.mode) ? '' : `, ${countText(wanted, 'time')}`}${ends}`;
  const more = wanted - desiredCount(view, before);
  if (more === 0) return 'no task restarts';
  return more > 0 ? `${countText(more, 'completion')} more` : `${countText(-more, 'completion')} fewer`;
};

/** Services whose tasks are replaced when those of this one are: they asked for it, or have something together with them. */
const goingAlong = (view: View, { id, stack, spec }: Service): readonly string[] =>
  view
    .servicesOfStack(stack)
    .filter((other) => other.id !== id && !other.removing && !other.stopped && heldBy(view, other).length > 0)
    .filter(
      (other) =>
        (!isJob(other) && restartedAfter(view, other).some((each) => each.id === id)) ||
        sharedKinds(other.spec).some(({ mode }) => mode === `service:${spec.name}`),
    )
    .map((other) => other.spec.name)
    .sort();

const alongText = (names: readonly string[]): readonly string[] =>
  names.length === 0 ? [] : [`${names.join(', ')} ${names.length === 1 ? 'restarts' : 'restart'} with it`];

const numberText = (more: number): string => `${countText(Math.abs(more), 'task')} ${more > 0 ? 'more' : 'fewer'}`;

/**
 * What becomes of the tasks of a service by a change, one sentence.
 * @param view as it was
 */
const effectOf = (view: View, draft: Draft, before: Service | undefined, after: Service): string => {
  if (before === undefined) return beginText(draft, after, desiredCount(draft, after));
  const held = heldBy(view, before).length;
  const stops = held === 0 ? 'nothing of it runs' : `stops ${countText(held, 'task')}`;
  if (after.removing) return stops;
  if (after.stopped) return before.stopped ? 'no task starts: it is stopped' : stops;
  const wanted = desiredCount(draft, after);
  if (before.stopped) return beginText(draft, after, wanted);
  // Of another mode all are let go at once, whatever the update's pace.
  if (before.spec.mode !== after.spec.mode) return `${held === 0 ? '' : `${stops}, `}${beginText(draft, after, wanted)}`;
  if (isJob(after)) return jobText(draft, before, after);
  // An update that is under way goes on as it would have.
  const isCause = before.specVersion !== after.specVersion || (isPaused(before.update) && !isPaused(after.update));
  const { replaced, moved } = concerned(view, after, wanted);
  const more = wanted - desiredCount(view, before);
  if (wanted === 0 && more < 0) return stops;
  const parts = [
    ...(isCause && replaced > 0 && !isPaused(after.update) ? [`${countText(replaced, 'task')} replaced${paceText(after, replaced)}`] : []),
    ...(moved > 0 ? [`${countText(moved, 'task')} moved to other nodes`] : []),
    ...(more === 0 ? [] : [numberText(more)]),
    ...(isCause && replaced > 0 ? alongText(goingAlong(draft, after)) : []),
  ];
  if (parts.length > 0) return parts.join('; ');
  return before.specVersion === after.specVersion ? 'no task restarts' : 'tasks that failed are tried again';
};

/** The changes with what each means for the tasks of its service. Those that have been told it, and `none`, stay as they are. */
export const withEffects = (view: View, draft: Draft, stack: string, changes: readonly ObjectChange[]): readonly ObjectChange[] => {
  const before = new Map(
    view.servicesOfStack(stack).flatMap((service) => (service.removing ? [] : [[service.spec.name, service] as const])),
  );
  const made = new Map(
    draft.servicesOfStack(stack).flatMap((service) => (service.removing ? [] : [[service.spec.name, service] as const])),
  );
  return changes.map((change) => {
    if (change.kind !== 'service' || change.action === 'none' || change.effect !== undefined) return change;
    const was = before.get(change.name);
    const after = was === undefined ? made.get(change.name) : draft.service(was.id);
    return after === undefined ? change : { ...change, effect: effectOf(view, draft, was, after) };
  });
};
