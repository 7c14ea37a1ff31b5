import { type Node, NodeState, PublishMode, type Service, ServiceMode, type Task, TaskState } from '@tso/proto';
import { isByNode, isJob } from '../rules/jobs.ts';
import { globalNodes, occupantsOf, placesOf } from '../rules/places.ts';
import { isAssigned, isLive, isOccupant } from '../rules/task-facts.ts';
import { wantedSlots } from '../rules/wanted.ts';
import { portText, taskName } from '../rules/words.ts';
import type { View } from '../store/view.ts';

/** What holds of every store that only the planner and honest agents write, as sentences of what does not. */

const onNode = (view: View, node: Node): readonly Task[] => view.tasksOfNode(node.id).filter((task) => isLive(task) && isAssigned(task));

const sum = (tasks: readonly Task[], of: (task: Task) => number): number => tasks.reduce((total, task) => total + of(task), 0);

/** More of a node than it has: memory, CPUs, generic resources, each of which a node that says nothing of it has without end. */
export const overCommitted = (view: View, nodes: readonly Node[] = view.nodes()): readonly string[] =>
  nodes.flatMap((node) => {
    const tasks = onNode(view, node);
    const { memoryBytes, nanoCpus } = node.description.resources;
    const memory = sum(tasks, ({ spec }) => spec.reservations.memoryBytes);
    const cpus = sum(tasks, ({ spec }) => spec.reservations.nanoCpus);
    return [
      ...(memoryBytes > 0 && memory > memoryBytes ? [`${node.id} has ${memory} of ${memoryBytes} bytes reserved`] : []),
      ...(nanoCpus > 0 && cpus > nanoCpus ? [`${node.id} has ${cpus} of ${nanoCpus} nano CPUs reserved`] : []),
      ...overClaimed(node, tasks),
    ];
  });

const overClaimed = (node: Node, tasks: readonly Task[]): readonly string[] => {
  const given = tasks.flatMap(({ generic }) => generic);
  return [...new Set(given.map(({ kind }) => kind))].flatMap((kind) => {
    const has = node.description.generic.find((each) => each.kind === kind);
    const ofKind = given.filter((each) => each.kind === kind);
    const ids = ofKind.flatMap((each) => each.ids);
    const count = ofKind.reduce((total, each) => total + Math.max(each.count, each.ids.length), 0);
    const most = Math.max(has?.count ?? 0, has?.ids.length ?? 0);
    return [
      ...(count > most ? [`${node.id} gave ${count} of ${most} ${kind}`] : []),
      ...(new Set(ids).size < ids.length ? [`${node.id} gave one ${kind} twice: ${ids.join(', ')}`] : []),
      ...ids.filter((id) => has?.ids.includes(id) !== true).map((id) => `${node.id} gave ${kind} ${id}, which it does not have`),
    ];
  });
};

/** A port of a host that two tasks have. */
export const sharedHostPorts = (view: View): readonly string[] =>
  view.nodes().flatMap((node) => {
    const ports = onNode(view, node).flatMap((task) => task.ports.filter(({ mode }) => mode === PublishMode.HOST).map(portText));
    return new Set(ports).size === ports.length ? [] : [`${node.id} has a host port twice: ${ports.join(', ')}`];
  });

/** More tasks of a service on a node than it may have there. */
export const tooManyPerNode = (view: View): readonly string[] =>
  view.services().flatMap((service) => {
    const limit = service.spec.task.placement.maxReplicasPerNode;
    if (limit === 0) return [];
    return view.nodes().flatMap(({ id }) => {
      const count = view.tasksOfService(service.id).filter((task) => task.nodeId === id && isLive(task) && isAssigned(task)).length;
      return count > limit ? [`${id} has ${count} tasks of ${service.spec.name}, which may have ${limit}`] : [];
    });
  });

/** Places that a service is to have, and that nobody holds; or that it is not to have, and somebody does. Of a planner that is content. */
export const lostPlaces = (view: View): readonly string[] =>
  view.services().flatMap((service) => {
    if (service.removing || isJob(service)) return [];
    const held = placesOf(view, service).filter((place) => occupantsOf(place).length > 0);
    if (service.spec.mode === ServiceMode.REPLICATED) {
      const wanted = wantedSlots(service);
      // Those that a stopped service waits to end in the order of its dependants are held for a while.
      if (held.length === wanted || (service.stopped && held.length > wanted)) return [];
      return [`${service.spec.name} holds ${held.length} places of ${wanted}`];
    }
    const wanted = service.stopped ? [] : globalNodes(view, service);
    return wanted.filter(({ id }) => held.every(({ key }) => key !== id)).map(({ id }) => `${service.spec.name} has no task on ${id}`);
  });

/**
 * A place that is wished to run twice in the same spec, and not since one task takes over from the other: on another node, or after a service
 * that it is to be restarted after.
 */
export const doubledPlaces = (view: View): readonly string[] =>
  view.services().flatMap((service) => {
    const groups = new Map<string, Task[]>();
    for (const task of view.tasksOfService(service.id)) {
      if (!isLive(task) || !isAssigned(task) || task.desiredState !== TaskState.RUNNING) continue;
      const key = `${taskName(task)} ${isByNode(task.mode) ? task.nodeId : ''} ${task.specVersion} ${task.jobIteration}`;
      groups.set(key, [...(groups.get(key) ?? []), task]);
    }
    const isMove = (tasks: readonly Task[]): boolean => tasks.some(({ replaces }) => tasks.some(({ id }) => id === replaces));
    const isRestarted = service.spec.dependsOn.some(({ restart }) => restart);
    return [...groups]
      .filter(([, tasks]) => tasks.length > (isRestarted || isMove(tasks) ? 2 : 1))
      .map(([key, tasks]) => `${key} is wished ${tasks.length} times`);
  });

/** Tasks that are taken to go on though their node is down. Of a planner that is content. */
export const onLostNodes = (view: View): readonly string[] =>
  view
    .nodes()
    .filter(({ state }) => state === NodeState.NODE_DOWN)
    .flatMap((node) => onNode(view, node).map((task) => `${taskName(task)} is taken to run on ${node.id}, which is down`));

/** How much more of a service the fullest of these nodes has than the emptiest. */
export const unevenness = (view: View, service: Service, nodes: readonly Node[] = view.nodes()): number => {
  const counts = nodes.map(
    ({ id }) => view.tasksOfNode(id).filter((task) => task.serviceId === service.id && isLive(task) && isOccupant(task)).length,
  );
  return counts.length === 0 ? 0 : Math.max(...counts) - Math.min(...counts);
};

/** All of them that hold whatever happens, be the planner content or in the middle of its work. */
export const violations = (view: View): readonly string[] => [...overCommitted(view), ...sharedHostPorts(view), ...doubledPlaces(view)];
