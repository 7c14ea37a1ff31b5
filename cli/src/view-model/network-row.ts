import { type EndpointView, type NetworkView, shortId } from '@tso/proto';
import { listLines, mapLines } from './detail-lines.ts';
import { oneLine } from './task-text.ts';

/** A network as `network ls --format json` shows it. Field names are a contract: more may come, none goes. */
export interface NetworkRow {
  readonly id: string;
  readonly name: string;
  /** Whose file made it; empty: made by hand, or by the cluster itself. */
  readonly stack: string;
  readonly driver: string;
  /** Empty where it has none yet. */
  readonly subnet: string;
  readonly gateway: string;
  readonly subnet6: string;
  readonly gateway6: string;
  readonly ipRange: string;
  readonly ipRange6: string;
  readonly reserved: Readonly<Record<string, string>>;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly encrypted: boolean;
  /** Its number on the wire; 0: it has none. */
  readonly vni: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly driverOpts: Readonly<Record<string, string>>;
  readonly addresses: { readonly used: number; readonly total: number };
  readonly tasks: number;
  /** Wished to be on it, as STACK_SERVICE. */
  readonly services: readonly string[];
  readonly removing: boolean;
  /** What is wrong with it, one sentence; empty: nothing. */
  readonly warning: string;
  readonly createdAt: string | null;
  readonly version: number;
}

/** A task on a network, as `network inspect` shows it. */
export interface EndpointRow {
  readonly taskId: string;
  readonly stack: string;
  readonly service: string;
  readonly slot: number;
  readonly node: string;
  readonly address: string;
  readonly address6: string;
  readonly mac: string;
  /** Whether names and addresses of its service lead to it. */
  readonly serving: boolean;
}

const driverOf = ({ network }: NetworkView): string => (network.spec.driver === '' ? 'overlay' : network.spec.driver);

export const networkRow = (view: NetworkView): NetworkRow => {
  const { network } = view;
  const { spec } = network;
  return {
    id: network.id,
    name: spec.name,
    stack: network.stack,
    driver: driverOf(view),
    subnet: network.subnet,
    gateway: network.gateway,
    subnet6: network.subnet6,
    gateway6: network.gateway6,
    ipRange: spec.ipRange,
    ipRange6: spec.ipRange6,
    reserved: spec.reserved,
    internal: spec.internal,
    attachable: spec.attachable,
    encrypted: spec.driverOpts.encrypted === 'true',
    vni: network.vni,
    labels: spec.labels,
    driverOpts: spec.driverOpts,
    addresses: { used: view.addressesUsed, total: view.addressesTotal },
    tasks: view.tasks,
    services: view.services,
    removing: network.removing,
    warning: view.warning,
    createdAt: network.meta.createdAtMs > 0 ? new Date(network.meta.createdAtMs).toISOString() : null,
    version: network.meta.version,
  };
};

export const endpointRow = (endpoint: EndpointView): EndpointRow => {
  const { taskId, stack, service, slot, node, address, address6, mac, serving } = endpoint;
  return { taskId, stack, service, slot, node, address, address6, mac, serving };
};

/** `internal, attachable, encrypted`: what is not as usual about it. */
const kindText = (row: NetworkRow): string =>
  [row.internal ? 'internal' : '', row.attachable ? 'attachable' : '', row.encrypted ? 'encrypted' : '']
    .filter((word) => word !== '')
    .join(', ');

const messageText = (row: NetworkRow): string => (row.removing ? 'being removed' : oneLine(row.warning));

const usageText = ({ addresses: { used, total } }: NetworkRow): string => (total === 0 ? '' : `${used}/${total}`);

export const networkColumns = [
  { title: 'ID' },
  { title: 'NAME' },
  { title: 'DRIVER' },
  { title: 'STACK' },
  { title: 'SUBNET' },
  { title: 'ADDRESSES', align: 'right' },
  { title: 'TASKS', align: 'right' },
  { title: 'OPTIONS' },
  { title: 'MESSAGE', wrap: true },
] as const;

/** A network as a line for people. */
export const networkCells = (view: NetworkView): readonly string[] => {
  const row = networkRow(view);
  return [
    shortId(row.id),
    row.name,
    row.driver,
    row.stack,
    [row.subnet, row.subnet6].filter((subnet) => subnet !== '').join(', '),
    usageText(row),
    String(row.tasks),
    kindText(row),
    messageText(row),
  ];
};

const blockText = (subnet: string, gateway: string, range: string): string =>
  [subnet, gateway === '' ? '' : `gateway ${gateway}`, range === '' ? '' : `addresses from ${range}`]
    .filter((part) => part !== '')
    .join(', ');

/** All that there is to say of one network, as name and value; a value without a name goes on with the one above. */
export const networkDetails = (view: NetworkView): readonly (readonly [string, string])[] => {
  const row = networkRow(view);
  const { used, total } = row.addresses;
  const rows: readonly (readonly [string, string])[] = [
    ['Id', row.id],
    ['Name', oneLine(row.name)],
    ['Stack', row.stack],
    ['Created', row.createdAt ?? ''],
    ['State', messageText(row)],
    ['Driver', row.driver],
    ['Options', kindText(row)],
    ['IPv4', blockText(row.subnet, row.gateway, row.ipRange)],
    ['IPv6', blockText(row.subnet6, row.gateway6, row.ipRange6)],
    ['Addresses', total === 0 ? '' : `${used} of ${total} in use`],
    ['VNI', row.vni === 0 ? '' : String(row.vni)],
    ...mapLines('Reserved', row.reserved),
    ...mapLines('Driver opts', row.driverOpts),
    ...mapLines('Labels', row.labels),
    ...listLines('Services', row.services),
    ['Tasks', String(row.tasks)],
  ];
  return rows.filter(([name, value]) => name === '' || value !== '');
};

export const endpointColumns = [
  { title: 'STACK' },
  { title: 'TASK' },
  { title: 'NODE' },
  { title: 'ADDRESS' },
  { title: 'IPV6' },
  { title: 'MAC' },
  { title: 'SERVING' },
] as const;

/** A task on a network as a line for people. */
export const endpointCells = (endpoint: EndpointView): readonly string[] => [
  endpoint.stack,
  endpoint.slot > 0 ? `${endpoint.service}.${endpoint.slot}` : endpoint.service,
  endpoint.node,
  endpoint.address,
  endpoint.address6,
  endpoint.mac,
  endpoint.serving ? 'yes' : 'no',
];

/** `driver=overlay`. */
export interface NetworkFilter {
  readonly key: string;
  readonly value: string;
}

const matchers: Readonly<Record<string, (row: NetworkRow, value: string) => boolean>> = {
  id: (row, value) => row.id.startsWith(value),
  name: (row, value) => row.name.includes(value),
  driver: (row, value) => row.driver === value,
  stack: (row, value) => row.stack === value,
  label: (row, value) => {
    const [name = '', ...rest] = value.split('=');
    const found = Object.hasOwn(row.labels, name) ? row.labels[name] : undefined;
    return found !== undefined && (rest.length === 0 || found === rest.join('='));
  },
  // What Docker calls one that nothing is on.
  dangling: (row, value) => (row.services.length === 0 && row.tasks === 0) === (value === 'true'),
};

export const networkFilterKeys: readonly string[] = Object.keys(matchers);

/** Whether the network is one that these mean: alike keys are alternatives, different ones must all hold. */
export const matchesFilters = (view: NetworkView, filters: readonly NetworkFilter[]): boolean => {
  const row = networkRow(view);
  const keys = new Set(filters.map(({ key }) => key));
  return [...keys].every((key) => filters.some((filter) => filter.key === key && matchers[key]?.(row, filter.value) === true));
};
