import { HealthState, type Service, type StoreAction, type Task, TaskState, taskStateName, UpdateState } from '@tso/proto';
import { isByNode } from '../../manager/src/rules/jobs.ts';
import { byAge } from '../../manager/src/rules/task-facts.ts';
import { durationText } from '../../manager/src/rules/words.ts';
import type { Watcher, World } from '../../manager/src/testing/world.ts';
import { runChanges } from './run-texts.ts';

/** Stacks of this name are left out of the names of tasks. */
export const usualStack = 'shop';

const ofStack = (stack: string): string => (stack === usualStack ? '' : `${stack}/`);

export const serviceText = ({ stack, spec }: Service): string => `${ofStack(stack)}${spec.name}`;

/** Where the task belongs: `web.2`, or `web@alpha` for one whose place is a node. */
export const placeText = ({ stack, serviceName, mode, slot, nodeId }: Task): string =>
  `${ofStack(stack)}${serviceName}${isByNode(mode) ? `@${nodeId}` : `.${slot}`}`;

const nameOf = <V extends number>(names: Readonly<Record<string, V>>, value: V): string =>
  Object.entries(names)
    .find(([, known]) => known === value)?.[0]
    .toLowerCase()
    .replaceAll('_', ' ') ?? String(value);

const healthTexts: Readonly<Record<HealthState, string>> = {
  [HealthState.HEALTH_NONE]: '',
  [HealthState.HEALTH_STARTING]: 'not healthy yet',
  [HealthState.HEALTHY]: 'healthy',
  [HealthState.UNHEALTHY]: 'unhealthy',
};

export const updateText = (state: UpdateState): string => nameOf(UpdateState, state);

const because = (text: string | undefined): string => (text === undefined || text === '' ? '' : `: ${text}`);

const madeText = (task: Task, now: number): string =>
  [
    task.spec.container.image,
    task.status.state >= TaskState.ASSIGNED ? `on ${task.nodeId}` : '',
    task.desiredState === TaskState.READY ? 'to be made ready' : '',
    task.notBeforeMs > now ? `in ${durationText(task.notBeforeMs - now)}` : '',
  ]
    .filter((word) => word !== '')
    .join(' ') + because(task.pendingReason);

const wishText = (task: Task): string => {
  if (task.desiredState === TaskState.RUNNING) return 'may start';
  const drains = task.drainMs > 0 ? `, drains ${durationText(task.drainMs)}` : '';
  const word = task.desiredState === TaskState.REMOVE ? 'is to go' : task.desiredState === TaskState.READY ? 'is made ready' : 'is stopped';
  return `${word}${drains}${because(task.retiredBecause)}`;
};

const endText = (task: Task): string => {
  const { status } = task;
  if (status.state < TaskState.COMPLETE) return taskStateName(status.state);
  return `${taskStateName(status.state)}${because(status.error)}`;
};

/** What became of a task in one transaction, in the order in which a reader asks; empty: nothing that concerns anybody. */
const changesOf = (before: Task, task: Task): readonly string[] => {
  const parts: string[] = [];
  if (task.status.state !== before.status.state) {
    const placed = before.status.state < TaskState.ASSIGNED && task.status.state === TaskState.ASSIGNED;
    if (placed) parts.push(`placed on ${task.nodeId}`);
    else if (task.status.state >= TaskState.ASSIGNED) parts.push(endText(task));
  }
  if (task.status.health !== before.status.health && task.status.state === TaskState.RUNNING) parts.push(healthTexts[task.status.health]);
  if (task.desiredState !== before.desiredState) parts.push(wishText(task));
  if (task.specVersion !== before.specVersion && before.specVersion !== 0) parts.push('goes on under the new spec');
  if ((task.paused ?? false) !== (before.paused ?? false)) parts.push(task.paused === true ? 'is to be frozen' : 'is to be thawed');
  if (task.pendingReason !== before.pendingReason && task.pendingReason !== '') parts.push(`waits: ${task.pendingReason}`);
  return parts.filter((part) => part !== '');
};

const serviceChanges = (before: Service, service: Service): readonly string[] => {
  const parts: string[] = [];
  const [was, is] = [before.update, service.update];
  if (is !== undefined && (was?.state !== is.state || was.message !== is.message))
    parts.push(`${updateText(is.state)}${because(is.message)}`);
  if (service.rebalancePaused !== before.rebalancePaused && service.rebalancePaused !== undefined) parts.push(service.rebalancePaused);
  const scaled = service.autoscale;
  if (scaled !== undefined && scaled.replicas !== before.autoscale?.replicas)
    parts.push(`is to have ${scaled.replicas}${because(scaled.message)}`);
  return [...parts, ...runChanges(before, service)];
};

/** Of what is written or removed, when it is of that kind. */
const idIn = ({ putTask, putService, remove }: StoreAction, kind: 'task' | 'service'): string | undefined => {
  if (remove !== undefined) return remove.kind === kind ? remove.id : undefined;
  return kind === 'task' ? putTask?.id : putService?.id;
};

/** Tells what happens in a world, a line for each thing that happens to a task or a service, under names that are the same in every run. */
export class Told implements Watcher {
  readonly #world: World;
  readonly #lines: string[] = [];
  /** By task id: `web.1#2`, the second one of its place. */
  readonly #names = new Map<string, string>();
  readonly #made = new Map<string, number>();
  #tasks = new Map<string, Task>();
  #services = new Map<string, Service>();

  constructor(world: World) {
    this.#world = world;
    world.watcher = this;
  }

  before(actions: readonly StoreAction[]): void {
    const { tables } = this.#world;
    for (const action of actions) {
      const [taskId, serviceId] = [idIn(action, 'task'), idIn(action, 'service')];
      const task = taskId === undefined ? undefined : tables.task(taskId);
      if (task !== undefined) this.#tasks.set(task.id, task);
      const service = serviceId === undefined ? undefined : tables.service(serviceId);
      if (service !== undefined) this.#services.set(service.id, service);
    }
  }

  after(actions: readonly StoreAction[]): void {
    const { tables, now } = this.#world;
    for (const action of actions) {
      const before = this.#services.get(idIn(action, 'service') ?? '');
      if (before === undefined) continue;
      const service = tables.service(before.id);
      if (service === undefined) this.#lines.push(`${serviceText(before)}: forgotten`);
      else for (const part of serviceChanges(before, service)) this.#lines.push(`${serviceText(service)}: ${part}`);
    }
    const tasks = actions.flatMap((action) => {
      const id = idIn(action, 'task');
      return id === undefined ? [] : [{ id, before: this.#tasks.get(id), task: tables.task(id) }];
    });
    for (const { task } of tasks.toSorted((a, b) => (a.task !== undefined && b.task !== undefined ? byAge(b.task, a.task) : 0)))
      if (task !== undefined) this.nameOf(task);
    this.#lines.push(
      ...tasks
        .flatMap(({ before, task }): readonly { readonly at: string; readonly text: string }[] => {
          if (task === undefined) return before === undefined ? [] : [{ at: this.nameOf(before), text: 'forgotten' }];
          const at = this.nameOf(task);
          if (before === undefined) return [{ at, text: `new, ${madeText(task, now)}` }];
          const parts = changesOf(before, task);
          return parts.length === 0 ? [] : [{ at, text: parts.join(', ') }];
        })
        .toSorted((a, b) => a.at.localeCompare(b.at, 'en', { numeric: true }))
        .map(({ at, text }) => `${at} ${text}`),
    );
    this.#tasks = new Map();
    this.#services = new Map();
  }

  /** The same name for a task for as long as the world lasts. */
  nameOf(task: Task): string {
    const known = this.#names.get(task.id);
    if (known !== undefined) return known;
    const place = placeText(task);
    const number = (this.#made.get(place) ?? 0) + 1;
    this.#made.set(place, number);
    const name = `${place}#${number}`;
    this.#names.set(task.id, name);
    return name;
  }

  /** What was told since the last time, in order. */
  take(): readonly string[] {
    return this.#lines.splice(0);
  }

  /** A task as it is: `web.1#2 web:2 running on beta, is stopped`. */
  taskLine(task: Task): string {
    const wished = task.desiredState === TaskState.RUNNING ? '' : `, wished ${taskStateName(task.desiredState)}`;
    const where = task.nodeId === '' || isByNode(task.mode) ? '' : ` on ${task.nodeId}`;
    const health = task.status.state === TaskState.RUNNING ? healthTexts[task.status.health] : '';
    const generic = task.generic.map(({ kind, count, ids }) => `${kind}=${ids.length > 0 ? ids.join('|') : count}`).join(' ');
    return [
      `${this.nameOf(task)} ${task.spec.container.image} ${taskStateName(task.status.state)}${where}`,
      health === '' ? '' : `, ${health}`,
      generic === '' ? '' : `, has ${generic}`,
      task.paused === true ? ', to be frozen' : '',
      wished,
      because(task.pendingReason),
    ].join('');
  }
}
