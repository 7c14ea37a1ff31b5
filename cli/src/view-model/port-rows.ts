import {
  HealthState,
  isWishedRunning,
  NodeState,
  type NodeView,
  type PortConfig,
  PortProtocol,
  PublishMode,
  type Task,
  type TaskView,
} from '@tso/proto';

const protocols: Readonly<Record<string, PortProtocol>> = { tcp: PortProtocol.TCP, udp: PortProtocol.UDP, sctp: PortProtocol.SCTP };

export interface WantedPort {
  /** 0: what was typed is no port. */
  readonly port: number;
  readonly protocol: string;
}

/** `80`, `53/udp`; the protocol is tcp unless said. */
export const parsePort = (text: string, protocol: string | undefined): WantedPort => {
  const [, digits = '', named] = /^(\d{1,5})(?:\/([a-z]+))?$/.exec(text) ?? [];
  const chosen = named ?? protocol ?? 'tcp';
  const port = Number(digits);
  return { port: protocols[chosen] === undefined || port > 65_535 ? 0 : port, protocol: chosen };
};

/** Where one port of a task, or of a service on a node, is reached. Field names are a contract. */
export interface PortRow {
  readonly stack: string;
  readonly service: string;
  /** 0: a node answers for all of the service's tasks. */
  readonly slot: number;
  readonly taskId: string;
  readonly node: string;
  readonly target: number;
  readonly protocol: string;
  /** `0.0.0.0`: every address of the node. */
  readonly address: string;
  readonly port: number;
  /** ingress: every node answers, or with `onlyLocal` those with a task that serves; host: the task's node. */
  readonly mode: string;
  readonly onlyLocal: boolean;
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);
const protocolOf = (port: PortConfig): string => Object.entries(protocols).find(([, one]) => one === port.protocol)?.[0] ?? '';

const portRow = ({ task, node }: TaskView, port: PortConfig): PortRow => ({
  stack: task.stack,
  service: task.serviceName,
  slot: task.slot,
  taskId: task.id,
  node,
  target: port.target,
  protocol: protocolOf(port),
  address: port.hostIp === '' ? '0.0.0.0' : bracketed(port.hostIp),
  port: port.published,
  mode: port.mode === PublishMode.HOST ? 'host' : 'ingress',
  onlyLocal: port.onlyLocal,
});

/** All that the task publishes of that port, or of every one, in the order of its service. */
export const publishedAddresses = (view: TaskView, wanted: WantedPort | undefined): readonly PortRow[] =>
  view.task.ports
    .filter((port) => port.published !== 0)
    .map((port) => portRow(view, port))
    .filter((row) => wanted === undefined || (row.target === wanted.port && row.protocol === wanted.protocol));

const unique = (rows: readonly PortRow[]): readonly PortRow[] => [
  ...new Map(rows.map((row) => [`${row.node} ${row.address} ${row.port}/${row.protocol} ${row.target}`, row])).values(),
];

/** Of a running task: whether others are sent to it. */
const isServing = ({ desiredState, status: { health } }: Task): boolean =>
  isWishedRunning(desiredState) && health !== HealthState.HEALTH_STARTING && health !== HealthState.UNHEALTHY;

/**
 * Every place where these running tasks of one service are to be reached, by port and node: for ingress ports each node that is ready, or each with
 * a task that serves; for host ports each node with a task. Where a port is on every address of a node, the one that the cluster knows it by.
 * What a node lacks for it (the port, the address) is the node's to say.
 */
export const answeringNodes = (
  views: readonly TaskView[],
  nodes: readonly NodeView[],
  wanted: WantedPort | undefined,
): readonly PortRow[] => {
  // A cluster of one host knows no address of it.
  const addressOn = (row: PortRow, { node }: NodeView): string =>
    row.address === '0.0.0.0' && node.address !== '' ? bracketed(node.address) : row.address;
  const rows = views.flatMap((view) =>
    publishedAddresses(view, wanted).flatMap((row) => {
      const everywhere = row.mode === 'ingress' && !row.onlyLocal;
      if (row.onlyLocal && !isServing(view.task)) return [];
      const on = nodes.filter(({ node }) => (everywhere ? node.state === NodeState.NODE_READY : node.id === view.task.nodeId));
      return on.map((node) => ({
        ...row,
        ...(everywhere ? { slot: 0, taskId: '' } : {}),
        node: node.node.description.hostname,
        address: addressOn(row, node),
      }));
    }),
  );
  return unique(rows).toSorted((a, b) => a.port - b.port || (a.node < b.node ? -1 : a.node > b.node ? 1 : 0));
};

export const portColumns = [{ title: 'PORT' }, { title: 'MODE' }, { title: 'NODE' }, { title: 'REACHED AT' }] as const;

export const portCells = (row: PortRow): readonly string[] => [
  `${row.target}/${row.protocol}`,
  row.onlyLocal ? `${row.mode} (local)` : row.mode,
  row.node,
  `${row.address}:${row.port}`,
];
