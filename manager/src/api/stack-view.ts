import type { ListStacksReply, ListTasksReply, ListTasksRequest, Service, ServiceView, StackView, Task, TaskView } from '@tso/proto';
import { TaskState } from '@tso/proto';
import { countGood, failureOf, hasConverged } from '../rules/convergence.ts';
import { GoingDown } from '../rules/going-down.ts';
import { isJob, isJobMode, isOfIteration, isScheduled } from '../rules/jobs.ts';
import { Known } from '../rules/known.ts';
import { desiredCount, doneCount } from '../rules/places.ts';
import { byAge, endText, hasFailed, isLive, isOccupant, isServing } from '../rules/task-facts.ts';
import { isPausedByWish, isUnderWay, mayGoBack } from '../rules/update-pace.ts';
import { durationText, taskName } from '../rules/words.ts';
import type { View } from '../store/view.ts';
import { nodeOf } from './node-ref.ts';

const bySlot = (a: Task, b: Task): number => a.slot - b.slot || byAge(a, b);

const isRunning = (task: Task): boolean => task.status.state === TaskState.RUNNING && isOccupant(task);

/** What is found of a stack's services only once for all of them. */
interface Found {
  readonly known: Known;
  readonly goingDown: GoingDown;
}

const endingText = (tasks: readonly Task[]): string => {
  const ending = tasks.filter(isLive);
  const [first] = ending;
  if (first === undefined) return '';
  return ending.length === 1 ? `waits for ${taskName(first)} to end` : `waits for ${ending.length} tasks to end`;
};

/** Why the service is not what is wished: what keeps a task from its place, else the newest failure while a new attempt is under way. */
const waitingReason = (view: View, service: Service, tasks: readonly Task[], { known, goingDown }: Found): string => {
  const [dependant] = service.removing || service.stopped ? goingDown.before(service) : [];
  if (dependant !== undefined) return `waits for ${dependant.spec.name} to end, which depends on it`;
  if (service.stopped) return endingText(tasks);
  if (isPausedByWish(service.update)) return service.update?.message ?? '';
  const pending = tasks.find((task) => isOccupant(task) && task.pendingReason !== '');
  if (pending !== undefined) return `${taskName(pending)}: ${pending.pendingReason}`;
  const failed = tasks.filter(hasFailed).sort(byAge)[0];
  const message = isUnderWay(service.update) ? (service.update?.message ?? '') : '';
  if (message !== '') return message;
  const areServing = tasks.every((task) => !isLive(task) || isServing(task));
  if (areServing && mayGoBack(service) && countGood(view, service, known).good === desiredCount(view, service))
    return `its new tasks are watched for ${durationText(service.spec.update.monitorMs)}: when one fails, the service goes back to what it was`;
  if (failed === undefined || areServing) return '';
  const what = failed.status.state === TaskState.REJECTED ? 'was rejected' : 'failed';
  return `${taskName(failed)} ${what}: ${endText(failed)}; it is tried again`;
};

const serviceView = (view: View, service: Service, found: Found): ServiceView => {
  const { known } = found;
  const tasks = [...view.tasksOfService(service.id)].sort(bySlot);
  const desired = desiredCount(view, service);
  const converged = hasConverged(view, service, desired, known);
  const failure = converged ? undefined : failureOf(view, service, known);
  return {
    service,
    tasks,
    desired,
    running: tasks.filter(isRunning).length,
    healthy: tasks.filter((task) => isRunning(task) && isServing(task)).length,
    converged,
    waitingReason: converged
      ? ''
      : (failure ??
        waitingReason(
          view,
          service,
          tasks.filter((task) => !isScheduled(service) || isOfIteration(service, task)),
          found,
        )),
    failed: failure !== undefined,
    ...(isJob(service) ? { completed: doneCount(view, service) } : {}),
  };
};

const byName = (a: { readonly spec: { readonly name: string } }, b: { readonly spec: { readonly name: string } }): number =>
  a.spec.name < b.spec.name ? -1 : 1;

/** The stack as it is, services by name. Volumes that outlive it, and networks that stay for others, do not count as its existence. */
export const stackView = (view: View, name: string): StackView => {
  const services = [...view.servicesOfStack(name)].sort(byName);
  const networks = [...view.table('network').by('stack', name)].sort(byName);
  const volumes = [...view.table('volume').by('stack', name)].sort(byName);
  const going = networks.some((network) => network.removing) || volumes.some((volume) => volume.removing);
  const stack = view.stackByName(name);
  const found: Found = { known: new Known(), goingDown: new GoingDown(view) };
  return {
    name,
    version: view.index,
    stackVersion: stack?.meta.version ?? 0,
    exists: stack !== undefined || services.length > 0 || going,
    services: services.map((service) => serviceView(view, service, found)),
    networks,
    volumes,
  };
};

const taskView = (view: View, task: Task): TaskView => ({
  task,
  node: view.node(task.nodeId)?.description.hostname ?? '',
  addresses: task.networks.map(({ networkId, address }) => ({ network: view.network(networkId)?.spec.name ?? networkId, address })),
});

const byPlace = (a: Task, b: Task): number => {
  if (a.stack !== b.stack) return a.stack < b.stack ? -1 : 1;
  if (a.serviceName !== b.serviceName) return a.serviceName < b.serviceName ? -1 : 1;
  return bySlot(a, b);
};

/** The fewest that all the others of the request choose from. */
const listed = (view: View, { stack, node }: ListTasksRequest): readonly Task[] => {
  if (node !== '') return view.tasksOfNode(nodeOf(view, node).id).filter((task) => stack === '' || task.stack === stack);
  return stack === '' ? view.tasks() : view.tasksOfStack(stack);
};

/** Whether people want to see it though they do not ask for all: what has not ended, and what of a job is done, or failed for good. */
const isShown = (task: Task): boolean => isLive(task) || (isJobMode(task.mode) && isOccupant(task));

/** Tasks by stack, service, slot, newest first; without `all` only those that have not ended, and what has come of jobs. Errors as `nodeOf` for the node. */
export const listTasks = (view: View, request: ListTasksRequest): ListTasksReply => {
  const wanted = listed(view, request).filter(
    (task) => (request.all || isShown(task)) && (request.services.length === 0 || request.services.includes(task.serviceName)),
  );
  return { tasks: [...wanted].sort(byPlace).map((task) => taskView(view, task)), version: view.index };
};

/** How many tasks are to run: of a job those that it still has to do. */
const stillDesired = (view: View, service: Service): number =>
  Math.max(0, desiredCount(view, service) - (isJob(service) ? doneCount(view, service) : 0));

/** Stacks by name. */
export const listStacks = (view: View): ListStacksReply => ({
  stacks: [...view.stacks()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name }) => {
      const services = view.servicesOfStack(name).filter((service) => !service.removing);
      return {
        name,
        services: services.length,
        tasksDesired: services.reduce((sum, service) => sum + stillDesired(view, service), 0),
        tasksRunning: view.tasksOfStack(name).filter(isRunning).length,
      };
    }),
});
