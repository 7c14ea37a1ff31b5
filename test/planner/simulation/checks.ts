import { isTerminal, type Service, type Task, TaskState, UpdateOrder } from '@tso/proto';
import { historyPerPlace } from '../../../manager/src/orchestrator/reaper.ts';
import { PlannerMemory, plan } from '../../../manager/src/planner.ts';
import { failureOf, hasConverged } from '../../../manager/src/rules/convergence.ts';
import { isJob } from '../../../manager/src/rules/jobs.ts';
import { desiredCount, placesOf } from '../../../manager/src/rules/places.ts';
import { isAssigned, isLive, isOccupant } from '../../../manager/src/rules/task-facts.ts';
import { taskName } from '../../../manager/src/rules/words.ts';
import {
  doubledPlaces,
  lostPlaces,
  onLostNodes,
  overCommitted,
  sharedHostPorts,
  tooManyPerNode,
} from '../../../manager/src/testing/invariants.ts';
import type { Cluster } from './cluster.ts';

/** Something that must not be, and when. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

const refuse = (what: readonly string[]): void => {
  if (what.length > 0) throw new Violation(what.join('; '));
};

/** What reserves nothing of something may come to a node that has too little of it. */
const reservesAll = ({ spec: { reservations } }: Task): boolean => reservations.nanoCpus > 0 && reservations.memoryBytes > 0;

/** Looks at a cluster after each transaction. */
export class Watch {
  readonly #cluster: Cluster;
  #states = new Map<string, TaskState>();
  /** Services that a new task may run beside an old one of, or might at some time. */
  readonly #overlapping = new Set<string>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    cluster.onCommit = () => this.#afterCommit();
    cluster.onContent = () => refuse([...lostPlaces(cluster.tables), ...onLostNodes(cluster.tables)]);
  }

  #afterCommit(): void {
    const { tables } = this.#cluster;
    refuse([...sharedHostPorts(tables), ...doubledPlaces(tables)]);
    for (const { id, spec } of tables.services())
      if (spec.update.order === UpdateOrder.START_FIRST || spec.rollback.order === UpdateOrder.START_FIRST) this.#overlapping.add(id);
    const given = new Set<string>();
    const states = new Map<string, TaskState>();
    for (const task of tables.tasks()) {
      const before = this.#states.get(task.id) ?? TaskState.NEW;
      if (task.status.state < before) throw new Violation(`${taskName(task)} went back from ${before} to ${task.status.state}`);
      if (before < TaskState.ASSIGNED && isAssigned(task) && isLive(task) && reservesAll(task)) given.add(task.nodeId);
      states.set(task.id, task.status.state);
    }
    this.#states = states;
    // What reserves more than before may be too much for a while; what is placed never is.
    const nodes = tables.nodes().filter(({ id }) => given.has(id));
    refuse(overCommitted(tables, nodes));
    refuse(this.#runningTwice());
  }

  /** Places that two containers run for at once on machines that can be reached, although the service stops one before it starts the next. */
  #runningTwice(): readonly string[] {
    const { tables, machines } = this.#cluster;
    const running = new Map<string, Task[]>();
    for (const machine of machines) {
      if (this.#cluster.linkOf(machine.id) !== 'up') continue;
      for (const { task: known, status } of machine.containers.values()) {
        const task = tables.task(known.id);
        if (task === undefined || !isLive(task) || status.state < TaskState.STARTING || isTerminal(status.state)) continue;
        if (this.#overlapping.has(task.serviceId)) continue;
        const key = `${task.serviceId} ${taskName(task)} ${task.slot === 0 ? task.nodeId : ''}`;
        running.set(key, [...(running.get(key) ?? []), task]);
      }
    }
    return [...running.values()]
      .filter((tasks) => tasks.length > 1)
      .map(([task]) => `${task === undefined ? '' : taskName(task)} runs twice`);
  }
}

const describe = (task: Task): string =>
  `${taskName(task)} ${task.status.state} wished ${task.desiredState} on ${task.nodeId} (${task.spec.container.image}) ${task.pendingReason}`;

/** Why a service is not what is wished, when there is a reason: it failed, waits for room or for another, is stopped, or its images do not run. */
const hasReason = ({ tables }: Cluster, service: Service): boolean =>
  service.stopped ||
  failureOf(tables, service) !== undefined ||
  tables
    .tasksOfService(service.id)
    .some((task) => isLive(task) && (task.pendingReason !== '' || /fails|sick|missing/.test(task.spec.container.image)));

/** Services that come no further, and nothing says why, in a cluster that was mended and whose wishes are as they were. */
export const standingStill = (cluster: Cluster): readonly string[] =>
  cluster.tables
    .services()
    .filter((service) => !hasConverged(cluster.tables, service, desiredCount(cluster.tables, service)) && !hasReason(cluster, service))
    .map(
      ({ id, spec, update }) =>
        `${spec.name} stands still for no reason (update ${update?.state}: ${update?.message}): ${tasksText(cluster, id)}`,
    );

const tasksText = ({ tables }: Cluster, serviceId: string): string =>
  tables.tasksOfService(serviceId).filter(isLive).map(describe).join(', ');

/** What is not as it ought to be in a cluster that was mended and left in peace. */
export const unsettled = ({ tables, machines, now, random }: Cluster): readonly string[] => {
  const services = tables
    .services()
    .flatMap((service) =>
      hasConverged(tables, service, desiredCount(tables, service))
        ? []
        : [
            `${service.spec.name} has not converged (update ${service.update?.state}: ${service.update?.message}): ${tables.tasksOfService(service.id).filter(isLive).map(describe).join(', ')}`,
          ],
    );
  const { actions } = plan(tables, now, random, new PlannerMemory());
  const wished = new Set(
    tables
      .tasks()
      .filter((task) => isLive(task) && isAssigned(task))
      .map(({ id }) => id),
  );
  const strays = machines.flatMap(({ id, containers }) =>
    [...containers.values()].filter(({ task }) => !wished.has(task.id)).map(({ task }) => `${id} still has ${taskName(task)}`),
  );
  const held = new Set(machines.flatMap(({ containers }) => [...containers.keys()]));
  const ghosts = tables
    .tasks()
    .filter((task) => wished.has(task.id) && !held.has(task.id))
    .map((task) => `${taskName(task)} is on no machine`);
  const history = tables.services().flatMap((service) =>
    isJob(service)
      ? []
      : placesOf(tables, service)
          .filter(({ tasks }) => tasks.filter((task) => !isLive(task) && !isOccupant(task)).length > historyPerPlace)
          .map(({ key }) => `place ${key} of ${service.spec.name} keeps too many ended tasks`),
  );
  return [
    ...services,
    ...overCommitted(tables),
    ...tooManyPerNode(tables),
    ...(actions.length > 0 ? [`a new leader finds ${actions.length} things to do`] : []),
    ...strays,
    ...ghosts,
    ...history,
  ];
};
