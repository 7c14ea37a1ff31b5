import { type GenericResource, NodeRole, type NodeView, type Resources, shortId } from '@tso/proto';
import { listLines, mapLines } from './detail-lines.ts';
import { availabilityNames, nodeStateNames, roleNames } from './names.ts';
import { oneLine } from './task-text.ts';

const nanosPerCpu = 1e9;

interface ResourcesRow {
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** A node as `node ls --format json` shows it. Field names are a contract: more may come, none goes. */
export interface NodeRow {
  readonly id: string;
  readonly hostname: string;
  readonly role: string;
  readonly availability: string;
  readonly state: string;
  readonly leader: boolean;
  /** Of its manager: reachable or unreachable; empty: it has none. */
  readonly reachability: string;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly engineVersion: string;
  readonly resources: ResourcesRow;
  /** What it is to become; the same as `role` once it is. */
  readonly wantedRole: string;
  /** Why it is in that state. */
  readonly message: string;
  readonly removing: boolean;
  readonly managerAddress: string;
  readonly voter: boolean;
  readonly engineLabels: Readonly<Record<string, string>>;
  readonly platform: { readonly os: string; readonly architecture: string };
  /** What its owner says it has, by kind. */
  readonly generic: readonly GenericResource[];
  /** What its kernel can do; empty: not said. */
  readonly networkDrivers: readonly string[];
  readonly fileSystems: readonly string[];
  readonly kernel: string;
  /** What the tasks that are there reserve. */
  readonly reserved: ResourcesRow;
  readonly tasksRunning: number;
  /** What is not as wished on it and needs a person, a sentence each. */
  readonly troubles: readonly string[];
  /** Its own ones on networks where it forwards to tasks of other nodes. */
  readonly addresses: readonly { readonly networkId: string; readonly address: string; readonly address6: string }[];
  /** Its own one inside encrypted tunnels; empty: it is on no encrypted network. */
  readonly tunnelAddress: string;
  /** Whether its kernel has WireGuard, which encrypted networks need. */
  readonly encryption: boolean;
  readonly createdAt: string | null;
  readonly version: number;
}

/** What a person calls it: its hostname, and beside it the beginning of its id where another of all nodes has the same one. */
export const callName = ({ node }: NodeView, all: readonly NodeView[]): string => {
  const hostname = oneLine(node.description.hostname);
  if (hostname === '') return shortId(node.id);
  const alike = all.filter((view) => view.node.description.hostname === node.description.hostname);
  return alike.length > 1 ? `${hostname} (${shortId(node.id)})` : hostname;
};

const resourcesRow = ({ nanoCpus, memoryBytes }: Resources): ResourcesRow => ({ cpus: nanoCpus / nanosPerCpu, memoryBytes });

export const nodeRow = (view: NodeView): NodeRow => {
  const { node } = view;
  const { description } = node;
  return {
    id: node.id,
    hostname: description.hostname,
    role: roleNames[node.role],
    availability: availabilityNames[node.availability],
    state: nodeStateNames[node.state],
    leader: view.leader,
    reachability: view.reachability,
    address: node.address,
    labels: node.labels,
    engineVersion: description.engineVersion,
    resources: resourcesRow(description.resources),
    wantedRole: roleNames[node.wantedRole],
    message: node.stateMessage,
    removing: node.removing,
    managerAddress: view.managerAddress,
    voter: view.voter,
    engineLabels: description.engineLabels,
    generic: description.generic.map(({ kind, count, ids }) => ({ kind, count, ids })),
    networkDrivers: description.networkDrivers,
    fileSystems: description.fileSystems,
    platform: { os: description.platform.os, architecture: description.platform.architecture },
    kernel: description.kernel,
    reserved: resourcesRow(view.reserved),
    tasksRunning: view.tasksRunning,
    troubles: description.troubles,
    addresses: node.addresses.map(({ networkId, address, address6 }) => ({ networkId, address, address6 })),
    tunnelAddress: node.tunnelAddress,
    encryption: description.wireguardKey !== '',
    createdAt: node.meta.createdAtMs > 0 ? new Date(node.meta.createdAtMs).toISOString() : null,
    version: node.meta.version,
  };
};

/** `Leader`, `Reachable`, …: what its manager is; empty: it has none and is to have none. */
const managerText = ({ node, leader, reachability, voter, raftId }: NodeView): string => {
  if (node.wantedRole === NodeRole.MANAGER && node.role === NodeRole.WORKER) return raftId === 0 ? 'starting' : 'catching up';
  if (node.wantedRole === NodeRole.WORKER && raftId !== 0) return 'leaving';
  if (raftId === 0) return node.role === NodeRole.MANAGER ? 'missing' : '';
  if (leader) return 'leader';
  return voter ? reachability : `${reachability} (no vote yet)`;
};

const stateText = ({ node }: NodeView): string => (node.removing ? 'being removed' : nodeStateNames[node.state]);

/** Why it is in its state; of one that is ready, the first thing that needs a person. */
const messageText = (view: NodeView): string => {
  const [first = '', ...more] = view.node.description.troubles;
  if (stateText(view) !== 'ready') return oneLine(view.node.stateMessage);
  return `${oneLine(first)}${more.length === 0 ? '' : ` (and ${more.length} more: tso node inspect)`}`;
};

export const nodeColumns = [
  { title: 'ID' },
  { title: 'HOSTNAME' },
  { title: 'STATE' },
  { title: 'AVAILABILITY' },
  { title: 'MANAGER' },
  { title: 'ADDRESS' },
  { title: 'TASKS', align: 'right' },
  { title: 'ENGINE' },
  { title: 'MESSAGE', wrap: true },
] as const;

/** A node as a line for people; the one that was asked has a star. */
export const nodeCells = (view: NodeView, ownId: string): readonly string[] => [
  `${shortId(view.node.id)}${view.node.id === ownId ? ' *' : ''}`,
  oneLine(view.node.description.hostname),
  stateText(view),
  availabilityNames[view.node.availability],
  managerText(view),
  oneLine(view.node.address),
  String(view.tasksRunning),
  oneLine(view.node.description.engineVersion),
  messageText(view),
];

const gibibytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
const amount = (row: ResourcesRow): string => `${Number(row.cpus.toFixed(2))} CPUs, ${gibibytes(row.memoryBytes)}`;

/** `gpu=4`, or `gpu=card0|card1` where each has a name. */
const genericText = ({ kind, count, ids }: GenericResource): string => oneLine(`${kind}=${ids.length > 0 ? ids.join('|') : count}`);

/** All that there is to say of one node, as name and value; a value without a name goes on with the one above. */
export const nodeDetails = (view: NodeView): readonly (readonly [string, string])[] => {
  const row = nodeRow(view);
  const rows: readonly (readonly [string, string])[] = [
    ['Id', row.id],
    ['Hostname', oneLine(row.hostname)],
    ['Joined', row.createdAt ?? ''],
    ['State', row.message === '' ? stateText(view) : `${stateText(view)}: ${oneLine(row.message)}`],
    ['Availability', row.availability],
    ['Role', row.role === row.wantedRole ? row.role : `${row.role}, is to become ${row.wantedRole}`],
    ['Manager', [managerText(view), oneLine(row.managerAddress)].filter((text) => text !== '').join(', ')],
    ['Address', oneLine(row.address)],
    ...row.addresses.map(
      ({ networkId, address, address6 }) => [`On ${networkId}`, [address, address6].filter((one) => one !== '').join(', ')] as const,
    ),
    ['In tunnels', row.tunnelAddress],
    ['Encryption', row.encryption ? 'WireGuard' : ''],
    ['Platform', oneLine([row.platform.os, row.platform.architecture].filter((text) => text !== '').join('/'))],
    ['Kernel', oneLine(row.kernel)],
    ['Engine', oneLine(row.engineVersion)],
    ['Resources', amount(row.resources)],
    ['Reserved', amount(row.reserved)],
    ['Generic', row.generic.map(genericText).join(', ')],
    ['Network drivers', oneLine(row.networkDrivers.join(', '))],
    ['Tasks', `${row.tasksRunning} running`],
    ...listLines('Troubles', row.troubles),
    ...mapLines('Labels', row.labels),
    ...mapLines('Engine labels', row.engineLabels),
  ];
  return rows.filter(([name, value]) => name === '' || value !== '');
};
