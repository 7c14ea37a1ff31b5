import { type ObjectChange, type Service, ServiceVerb, type Task, TaskState, TsoError } from '@tso/proto';
import { serviceNamed } from '../rules/dependencies.ts';
import { isByNode, isScheduled } from '../rules/jobs.ts';
import { restarted } from '../rules/restart-service.ts';
import { runNow } from '../rules/schedule.ts';
import { started, stopped } from '../rules/stop-service.ts';
import { isLive, isOccupant } from '../rules/task-facts.ts';
import { Draft } from '../store/transaction.ts';
import type { View } from '../store/view.ts';
import type { StackChanges } from './changes.ts';
import { chosenService, chosenServices } from './chosen-services.ts';
import { countText, withEffects } from './effects.ts';
import { checkRemovable } from './removable.ts';
import { goOn, rollback } from './rollback-verbs.ts';
import { noneOf, updateOfField, type VerbBy, type VerbRequest } from './verb-parts.ts';
import { change, putStackSpec } from './wish-parts.ts';

const stop = (draft: Draft, service: Service): ObjectChange => {
  if (service.stopped) return noneOf(service, 'stopped', 'it is stopped already');
  draft.putService(stopped(service));
  return updateOfField(service, 'stopped', 'no', 'yes');
};

const start = (draft: Draft, service: Service, { now }: VerbBy): ObjectChange => {
  if (!service.stopped) return noneOf(service, 'stopped', 'it is not stopped');
  draft.putService(started(service, now));
  return updateOfField(service, 'stopped', 'yes', 'no');
};

/** With those that they depend on and that are stopped as well: they would wait for these in vain. */
const withStoppedNeeds = (view: View, services: readonly Service[]): readonly Service[] => {
  const found = new Map(services.map((service) => [service.id, service]));
  for (const { stack, spec } of found.values()) {
    for (const { service: name, required } of spec.dependsOn) {
      const other = required ? serviceNamed(view, stack, name) : undefined;
      if (other?.stopped === true && !found.has(other.id)) found.set(other.id, other);
    }
  }
  return [...found.values()];
};

const restart = (draft: Draft, service: Service, by: VerbBy): ObjectChange => {
  // Nothing of it runs: to have it run again is all there is to it.
  if (service.stopped) return start(draft, service, by);
  if (isScheduled(service)) {
    const next = runNow(service, by.now);
    draft.putService(next);
    return updateOfField(service, 'runs', '', next.runs[0]?.message || 'one more');
  }
  const next = restarted(service);
  draft.putService(next);
  return updateOfField(service, 'task.forceUpdate', String(service.spec.task.forceUpdate), String(next.spec.task.forceUpdate));
};

const unpaused = ({ paused: _thawed, ...task }: Task): Task => task;

interface Target {
  readonly service: Service;
  readonly name: string;
  readonly tasks: readonly Task[];
}

const slotPattern = /^(.+)\.([1-9][0-9]*)$/;

/** The service, or the place of one, that is meant. A service whose own name ends like a place goes first. */
const targetOf = (view: View, stack: string, name: string): Target => {
  const [, before = '', slot = ''] = slotPattern.exec(name) ?? [];
  const isWhole = before === '' || view.servicesOfStack(stack).some(({ spec }) => spec.name === name);
  const service = chosenService(view, stack, isWhole ? name : before);
  const all = view.tasksOfService(service.id).filter((task) => isOccupant(task) && isLive(task));
  if (isWhole) return { service, name, tasks: all };
  const tasks = all.filter((task) => task.slot === Number(slot));
  if (tasks.length > 0 && !isByNode(service.spec.mode)) return { service, name, tasks };
  throw new TsoError('NOT_FOUND', `stack ${stack} has no task ${name}`, { hint: `tso ps ${before} lists what there is` });
};

const targetsOf = (view: View, { stack, services }: VerbRequest): readonly Target[] => {
  const names = services.length > 0 ? [...new Set(services)] : chosenServices(view, stack, []).map(({ spec }) => spec.name);
  return names.map((name) => targetOf(view, stack, name));
};

const pause = (draft: Draft, { service, name, tasks }: Target): ObjectChange => {
  const running = tasks.filter(({ status }) => status.state === TaskState.RUNNING);
  const free = running.filter((task) => task.paused !== true);
  if (free.length === 0)
    return { ...noneOf(service, 'paused', running.length === 0 ? 'none of its tasks runs' : 'it is paused already'), name };
  for (const task of free) draft.putTask({ ...task, paused: true });
  return { ...updateOfField(service, 'paused', 'no', 'yes'), name, effect: `${countText(free.length, 'task')} frozen` };
};

const unpause = (draft: Draft, { service, name, tasks }: Target): ObjectChange => {
  const frozen = tasks.filter((task) => task.paused === true);
  if (frozen.length === 0) return { ...noneOf(service, 'paused', 'it is not paused'), name };
  for (const task of frozen) draft.putTask(unpaused(task));
  return { ...updateOfField(service, 'paused', 'yes', 'no'), name, effect: `${countText(frozen.length, 'task')} let go on` };
};

const remove = (draft: Draft, { stack, services: names }: VerbRequest, by: VerbBy): readonly ObjectChange[] => {
  if (names.length === 0)
    throw new TsoError('INVALID_ARGUMENT', 'it was not said which services to remove', {
      hint: 'Name them, or take the whole stack down (tso down)',
    });
  const services = chosenServices(draft, stack, names);
  checkRemovable(draft, services);
  for (const service of services) draft.putService({ ...service, removing: true });
  const before = draft.stackByName(stack);
  const gone = new Set(names);
  if (before !== undefined)
    putStackSpec(draft, { ...before.spec, services: before.spec.services.filter(({ name }) => !gone.has(name)) }, by);
  return services.map(({ spec }) => change('service', spec.name, 'remove'));
};

const done = (draft: Draft, request: VerbRequest, by: VerbBy): readonly ObjectChange[] => {
  const chosen = (): readonly Service[] => chosenServices(draft, request.stack, request.services);
  switch (request.verb) {
    case ServiceVerb.VERB_RESTART:
      return withStoppedNeeds(draft, chosen()).map((service) => restart(draft, service, by));
    case ServiceVerb.VERB_STOP:
      return chosen().map((service) => stop(draft, service));
    case ServiceVerb.VERB_START:
      return withStoppedNeeds(draft, chosen()).map((service) => start(draft, service, by));
    case ServiceVerb.VERB_PAUSE:
      return targetsOf(draft, request).map((target) => pause(draft, target));
    case ServiceVerb.VERB_UNPAUSE:
      return targetsOf(draft, request).map((target) => unpause(draft, target));
    case ServiceVerb.VERB_REMOVE:
      return remove(draft, request, by);
    case ServiceVerb.VERB_ROLLBACK:
      return rollback(draft, request, by);
    case ServiceVerb.VERB_CONTINUE:
      return goOn(draft, request, by);
    default:
      // Who is of another release may know more of them.
      throw new TsoError('INVALID_ARGUMENT', `${request.verb satisfies never} is nothing that can be done with services`, {
        hint: 'Use managers and a command line of the same release',
        details: { outcome: 'refused' },
      });
  }
};

/**
 * What it takes to do that with services of a stack, with all of them or with none; `none` with the reason where there is nothing to do.
 * NOT_FOUND: no such stack, service or task. FAILED_PRECONDITION: not while things are as they are.
 */
export const verbChanges = (view: View, request: VerbRequest, by: VerbBy): StackChanges => {
  const draft = new Draft(view);
  const changes = done(draft, request, by);
  return { actions: draft.actions(), changes: withEffects(view, draft, request.stack, changes), warnings: [] };
};
