import type { PortConfig, Service, Task, TaskSpec } from '@tso/proto';
import { TaskState } from '@tso/proto';
import { sameData } from '../store/equal.ts';

/**
 * What a running task does not feel: a change of these parts of TaskSpec replaces no task. All others do.
 * (A task on a node that a new placement rules out is moved all the same.)
 */
const unfelt: readonly (keyof TaskSpec)[] = ['restart', 'placement', 'reservations'];

/** Whether a running task made from one spec serves the other as it is. */
export const runsAlike = (a: TaskSpec, b: TaskSpec): boolean => {
  if (a === b) return true;
  const rest = (spec: TaskSpec): Readonly<Record<string, unknown>> =>
    Object.fromEntries(Object.entries(spec).filter(([key]) => !(unfelt as readonly string[]).includes(key)));
  return sameData(rest(a), rest(b));
};

/** Whether what is reserved for the task is what its service says now: no task feels that, but its node has to count it. */
export const reservesAsWished = ({ spec }: Service, task: Task): boolean => {
  const [wished, held] = [spec.task.reservations, task.spec.reservations];
  return wished === held || (wished.nanoCpus === held.nanoCpus && wished.memoryBytes === held.memoryBytes && wished.pids === held.pids);
};

/** Whether each wished port is among those granted; a wish without a number is met by any. */
export const portsMeet = (wished: readonly PortConfig[], granted: readonly PortConfig[]): boolean =>
  wished.length === granted.length &&
  wished.every((wish, index) => {
    const grant = granted[index];
    return (
      grant !== undefined &&
      sameData({ ...grant, published: 0 }, { ...wish, published: 0 }) &&
      (wish.published === 0 || wish.published === grant.published)
    );
  });

/** Whether the task serves the service's present spec, with what its files hold now, without being replaced. One that has no ports yet is given the present ones. */
export const servesSpec = (service: Service, task: Task): boolean =>
  runsAlike(task.spec, service.spec.task) &&
  sameData(task.files, service.files) &&
  (task.status.state < TaskState.ALLOCATED || portsMeet(service.spec.ports, task.ports));
