import { HealthState, PortProtocol, PublishMode, shortId, TaskState, type TaskView, taskNotes, taskStateName } from '@tso/proto';
import { endReason } from './task-reasons.ts';
import { durationText, isFailure, oneLine, stateDetail, stateWord, taskName } from './task-text.ts';

const healthNames: Readonly<Record<HealthState, string>> = {
  [HealthState.HEALTH_NONE]: 'none',
  [HealthState.HEALTH_STARTING]: 'starting',
  [HealthState.HEALTHY]: 'healthy',
  [HealthState.UNHEALTHY]: 'unhealthy',
};
const protocolNames: Readonly<Record<PortProtocol, string>> = {
  [PortProtocol.TCP]: 'tcp',
  [PortProtocol.UDP]: 'udp',
  [PortProtocol.SCTP]: 'sctp',
};
const modeNames: Readonly<Record<PublishMode, string>> = { [PublishMode.INGRESS]: 'ingress', [PublishMode.HOST]: 'host' };

const iso = (atMs: number): string | null => (atMs > 0 ? new Date(atMs).toISOString() : null);

/** A task as `ps --format json` shows it. Field names are a contract: more may come, none goes. */
export interface TaskRow {
  readonly id: string;
  readonly stack: string;
  readonly service: string;
  readonly slot: number;
  readonly node: string;
  readonly image: string;
  readonly desiredState: string;
  readonly state: string;
  readonly health: string;
  readonly createdAt: string | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly exitCode: number | null;
  readonly error: string;
  readonly message: string;
  /** Whether its processes are frozen. */
  readonly paused: boolean;
  /** Why it is on its node; null: it is on none, or nobody said. */
  readonly placedBecause: string | null;
  /** Why it was asked to end; null: it was not. */
  readonly retiredBecause: string | null;
  readonly addresses: Readonly<Record<string, string>>;
  /** On networks with IPv6. */
  readonly addresses6: Readonly<Record<string, string>>;
  readonly ports: readonly TaskPortRow[];
}

export interface TaskPortRow {
  readonly published: number;
  readonly target: number;
  readonly protocol: string;
  readonly mode: string;
  /** Empty: every address of the host. */
  readonly hostIp: string;
  /** Whether only nodes with a task of the service answer. */
  readonly onlyLocal: boolean;
}

export const taskRow = ({ task, node, addresses }: TaskView): TaskRow => ({
  id: task.id,
  stack: task.stack,
  service: task.serviceName,
  slot: task.slot,
  node,
  image: task.spec.container.image,
  desiredState: taskStateName(task.desiredState),
  state: taskStateName(task.status.state),
  health: healthNames[task.status.health],
  createdAt: iso(task.meta.createdAtMs),
  startedAt: iso(task.status.startedAtMs),
  finishedAt: iso(task.status.finishedAtMs),
  exitCode: task.status.exitCode ?? null,
  // A task that no node takes has no status of its own to fail with: why it waits is its error.
  error: task.status.error || (task.status.state < TaskState.ASSIGNED ? task.pendingReason : ''),
  message: task.status.message,
  paused: task.status.paused ?? false,
  placedBecause: task.placedBecause ?? null,
  retiredBecause: task.retiredBecause ?? null,
  addresses: Object.fromEntries(addresses.map(({ network, address }) => [network, address])),
  addresses6: Object.fromEntries(
    addresses.flatMap(({ network, address }) => {
      const found = task.networks.find((allocation) => allocation.address === address)?.address6 ?? '';
      return found === '' ? [] : [[network, found] as const];
    }),
  ),
  ports: task.ports.map((port) => ({
    published: port.published,
    target: port.target,
    protocol: protocolNames[port.protocol],
    mode: modeNames[port.mode],
    hostIp: port.hostIp,
    onlyLocal: port.onlyLocal,
  })),
});

/** `8080->80/tcp`, `127.0.0.1:8080->80/tcp`, `[::1]:8080->80/tcp`. */
const portText = ({ published, target, protocol, hostIp }: TaskPortRow): string => {
  if (published === 0) return `${target}/${protocol}`;
  const address = hostIp === '' ? '' : `${hostIp.includes(':') ? `[${hostIp}]` : hostIp}:`;
  return `${address}${published}->${target}/${protocol}`;
};

const portsText = (row: TaskRow): string => row.ports.map(portText).join(', ');

/** `up 4 min (healthy)`, `up 4 min (paused)`, `failed (3) 2 min ago`. */
const statusText = (view: TaskView, nowMs: number): string => {
  const { status } = view.task;
  const word = stateWord(view.task);
  const exit = status.exitCode === undefined || status.exitCode === null ? '' : ` (${status.exitCode})`;
  if (status.state === TaskState.RUNNING && word === 'running') {
    const notes = [status.health === HealthState.HEALTH_NONE ? '' : healthNames[status.health], status.paused ? 'paused' : ''];
    const said = notes.filter((note) => note !== '').join(', ');
    return `up ${durationText(nowMs - status.startedAtMs)}${said === '' ? '' : ` (${said})`}`;
  }
  if (status.state < TaskState.COMPLETE) return word;
  return `${word}${exit} ${durationText(nowMs - (status.finishedAtMs || status.atMs))} ago`;
};

const detailText = (view: TaskView): string => {
  const { status } = view.task;
  if (isFailure(status.state) || status.state < TaskState.RUNNING) return stateDetail(view.task) || endReason(view.task);
  return oneLine(status.error || taskNotes(status)) || endReason(view.task);
};

export const taskColumns = (withStack: boolean) => [
  ...(withStack ? [{ title: 'STACK' }] : []),
  { title: 'NAME' },
  { title: 'ID' },
  { title: 'IMAGE' },
  { title: 'NODE' },
  { title: 'STATUS' },
  { title: 'PORTS' },
  { title: 'ERROR', wrap: true },
];

/** A task as a line for people. */
export const taskCells = (view: TaskView, withStack: boolean, nowMs: number): readonly string[] => [
  ...(withStack ? [view.task.stack] : []),
  taskName(view.task),
  shortId(view.task.id),
  view.task.spec.container.image,
  view.node,
  statusText(view, nowMs),
  portsText(taskRow(view)),
  detailText(view),
];

/** By stack, service and slot; newest first within a slot. */
export const sortTasks = (tasks: readonly TaskView[]): readonly TaskView[] =>
  [...tasks].sort(
    (a, b) =>
      compareText(a.task.stack, b.task.stack) ||
      compareText(a.task.serviceName, b.task.serviceName) ||
      a.task.slot - b.task.slot ||
      compareText(a.node, b.node) ||
      b.task.meta.createdAtMs - a.task.meta.createdAtMs,
  );

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
