import { type IngressBackend, type IngressPort, ingressKey, type PortConfig, PublishMode, type Service, type Task } from '@tso/proto';
import { ingressNetworkId } from '../rules/network-kinds.ts';
import { isInService } from '../rules/task-facts.ts';
import type { Change } from '../store/apply.ts';
import { sameData } from '../store/equal.ts';
import type { View } from '../store/view.ts';

/** Published ports by `<service id>/<published>/<protocol>`, in that order. */
export type IngressPorts = ReadonlyMap<string, IngressPort>;

const isIngress = (port: PortConfig): boolean => port.mode === PublishMode.INGRESS && port.published !== 0;

/** Where a task listens, by published port: looked up a thousand times where a range of so many is published. */
const targets = new WeakMap<Task['ports'], ReadonlyMap<string, number>>();

const placeOf = ({ published, protocol }: PortConfig): string => `${published}/${protocol}`;

/** Where the task listens for what comes in at each port that it was made for. */
const targetsOf = ({ ports }: Task): ReadonlyMap<string, number> => {
  const known = targets.get(ports) ?? new Map(ports.map((granted) => [placeOf(granted), granted.target]));
  targets.set(ports, known);
  return known;
};

/** Made once for each state of a task: a port with thousands of backends is compared at one look after one of them changed. */
const made = new WeakMap<Task, IngressBackend>();

const backendOf = (task: Task): IngressBackend | undefined => {
  const known = made.get(task);
  const allocation = task.networks.find(({ networkId }) => networkId === ingressNetworkId);
  if (known !== undefined || allocation === undefined || allocation.address === '') return known;
  const backend = { taskId: task.id, nodeId: task.nodeId, address: allocation.address, address6: allocation.address6 };
  made.set(task, backend);
  return backend;
};

/**
 * The port with the tasks that serve it. While an update changes where they listen, the older ones answer until the first new one serves:
 * all backends of a port listen at the same place.
 */
const ingressPortOf = (service: Service, port: PortConfig, serving: readonly Task[], all: readonly IngressBackend[]): IngressPort => {
  const place = placeOf(port);
  const listening = serving.map((task) => targetsOf(task).get(place));
  const target = listening.includes(port.target) ? port.target : (listening.find((one) => one !== undefined) ?? port.target);
  const isAll = listening.every((one) => one === target);
  const backends = isAll ? all : serving.flatMap((task, index) => (listening[index] === target ? (backendOf(task) ?? []) : []));
  return {
    port: target === port.target ? port : { ...port, target },
    serviceId: service.id,
    serviceName: service.spec.name,
    stack: service.stack,
    affinity: service.spec.affinity,
    backends,
  };
};

const portsOf = (view: View, service: Service): readonly IngressPort[] => {
  // On the host's own network, or on another task's, there is nothing to forward to.
  const ports = service.removing || service.spec.task.networkMode !== '' ? [] : service.ports.filter(isIngress);
  if (ports.length === 0) return [];
  const serving = view
    .tasksOfService(service.id)
    .filter(isInService)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  // One list for all ports that all of them listen at, as those of a range are.
  const all = serving.flatMap((task) => backendOf(task) ?? []);
  return ports.map((port) => ingressPortOf(service, port, serving, all));
};

/** Whether a change of the task is none for those who forward to it. */
const sameBackend = (a: Task, b: Task): boolean =>
  isInService(a) === isInService(b) && a.nodeId === b.nodeId && sameData(a.networks, b.networks) && sameData(a.ports, b.ports);

/** The ports that every node answers on, kept up by what changed: all nodes are told the same object, another one after each change. */
export class IngressShares {
  readonly #ofService = new Map<string, readonly IngressPort[]>();
  #touched = new Set<string>();
  #ports: IngressPorts = new Map();

  get ports(): IngressPorts {
    return this.#ports;
  }

  /** Everything is read again at the next `refresh`; what turns out the same stays the same object. */
  reset(view: View): void {
    this.#touched = new Set([...this.#ofService.keys(), ...view.services().map(({ id }) => id)]);
  }

  notice(change: Change): void {
    if (change.kind === 'service') {
      this.#touched.add(change.id);
      return;
    }
    if (change.kind !== 'task') return;
    const { before, after } = change;
    if (before !== undefined && after !== undefined && sameBackend(before, after)) return;
    for (const task of [before, after]) if (task?.ports.some(isIngress) === true) this.#touched.add(task.serviceId);
  }

  /** Puts together what was touched. Whether any port is another than before. */
  refresh(view: View): boolean {
    let isNews = false;
    for (const id of this.#touched) {
      const service = view.service(id);
      const before = this.#ofService.get(id) ?? [];
      const after = service === undefined ? [] : portsOf(view, service);
      if (sameData(before, after)) continue;
      isNews = true;
      const known = new Map(before.map((port) => [ingressKey(port), port]));
      const kept = after.map((port) => {
        const before = known.get(ingressKey(port));
        return before !== undefined && sameData(before, port) ? before : port;
      });
      if (kept.length === 0) this.#ofService.delete(id);
      else this.#ofService.set(id, kept);
    }
    this.#touched = new Set();
    if (isNews) this.#ports = inOrder([...this.#ofService.values()].flat());
    return isNews;
  }
}

const inOrder = (ports: readonly IngressPort[]): IngressPorts =>
  new Map(ports.map((port) => [ingressKey(port), port] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
