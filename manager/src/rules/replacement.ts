import type { PortConfig, Service, Task, TaskSpec } from '@tso/proto';
import { PublishMode, TaskState } from '@tso/proto';
import { sameData } from '../store/equal.ts';
import { ingressNetworkId } from './network-kinds.ts';

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

const ofHosts = (ports: readonly PortConfig[]): readonly PortConfig[] => ports.filter(({ mode }) => mode === PublishMode.HOST);

/**
 * Whether tasks that were granted some ports need not be replaced for the wished ones: those of their own hosts are the same. On the others every
 * node answers and forwards to any task that is on the ingress network, whatever it was granted. With the first of these tasks come onto that
 * network, and with the last they leave it: that takes other tasks.
 * @param areOnIngress whether the tasks are
 */
export const portsServe = (wished: readonly PortConfig[], granted: readonly PortConfig[], areOnIngress: boolean): boolean =>
  portsMeet(wished, granted) ||
  (portsMeet(ofHosts(wished), ofHosts(granted)) && areOnIngress && wished.some(({ mode }) => mode === PublishMode.INGRESS));

const isOnIngress = ({ networks }: Task): boolean => networks.some(({ networkId }) => networkId === ingressNetworkId);

/** The service's ports, where a task of the present spec has others and need not be replaced for these; undefined: it has what it is to have. */
export const newPortsOf = ({ ports }: Service, task: Task): readonly PortConfig[] | undefined => {
  if (task.ports === ports || task.status.state < TaskState.ALLOCATED || sameData(task.ports, ports)) return undefined;
  const areNumbered = ports.every(({ published }) => published !== 0);
  return areNumbered && portsServe(ports, task.ports, isOnIngress(task)) ? ports : undefined;
};

/** Whether the task serves the service's present spec, with what its files hold now, without being replaced. One that has no ports yet is given the present ones. */
export const servesSpec = (service: Service, task: Task): boolean =>
  runsAlike(task.spec, service.spec.task) &&
  sameData(task.files, service.files) &&
  (task.status.state < TaskState.ALLOCATED || portsServe(service.spec.ports, task.ports, isOnIngress(task)));
