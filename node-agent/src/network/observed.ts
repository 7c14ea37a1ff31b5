import { type JsonObject, jsonObjects, numberField, objectField, objectsField, stringField, stringsField } from './json.ts';

export interface ObservedAddress {
  /** `address/prefixLength`, canonical. */
  readonly text: string;
  /** Of the subnet's route; 0: the kernel's own. */
  readonly metric: number;
}

/** A network device of the host's namespace. */
export interface ObservedDevice {
  readonly name: string;
  readonly kind: string;
  readonly lower: string;
  readonly up: boolean;
  readonly mtu: number;
  readonly mac: string;
  /** Of both families. */
  readonly addresses: readonly ObservedAddress[];
  /** VXLAN only, else undefined. */
  readonly vxlan: { readonly vni: number; readonly port: number; readonly local: string } | undefined;
}

export interface ObservedRoute {
  readonly type: string;
  readonly destination: string;
  readonly metric: number;
}

export interface ObservedNeighbour {
  readonly device: string;
  readonly address: string;
  readonly mac: string;
}

export interface ObservedForward {
  readonly device: string;
  readonly mac: string;
  readonly vtep: string;
}

export interface Observed {
  readonly devices: readonly ObservedDevice[];
  /** Those of our routing protocol number only. */
  readonly routes: readonly ObservedRoute[];
  /** Permanent ones only, of both families. */
  readonly neighbours: readonly ObservedNeighbour[];
  readonly forwards: readonly ObservedForward[];
}

const vxlanOf = (info: JsonObject): ObservedDevice['vxlan'] => {
  if (stringField(info, 'info_kind') !== 'vxlan') return undefined;
  const data = objectField(info, 'info_data');
  return { vni: numberField(data, 'id'), port: numberField(data, 'port'), local: stringField(data, 'local') };
};

const deviceOf = (link: JsonObject): ObservedDevice => {
  const info = objectField(link, 'linkinfo');
  return {
    name: stringField(link, 'ifname'),
    kind: stringField(info, 'info_kind'),
    lower: stringField(link, 'link'),
    up: stringsField(link, 'flags').includes('UP'),
    mtu: numberField(link, 'mtu'),
    mac: stringField(link, 'address'),
    addresses: objectsField(link, 'addr_info').map((address) => ({
      text: `${stringField(address, 'local')}/${numberField(address, 'prefixlen')}`,
      metric: numberField(address, 'metric'),
    })),
    vxlan: vxlanOf(info),
  };
};

const routeOf = (route: JsonObject): ObservedRoute => ({
  type: stringField(route, 'type') || 'unicast',
  destination: stringField(route, 'dst'),
  metric: numberField(route, 'metric'),
});

const neighbourOf = (neighbour: JsonObject): ObservedNeighbour => ({
  device: stringField(neighbour, 'dev'),
  address: stringField(neighbour, 'dst'),
  mac: stringField(neighbour, 'lladdr'),
});

/**
 * From `ip -json -details -batch` of `address show`, `route show proto N` and `neigh show nud permanent`: an array a line, or no line where there is
 * nothing, so that each object says by its fields what it is.
 */
export const parseHost = (text: string): Omit<Observed, 'forwards'> => {
  const objects = text.split('\n').flatMap(jsonObjects);
  const routes = objects.filter((one) => 'dst' in one && !('ifname' in one));
  return {
    devices: objects.filter((one) => 'ifname' in one).map(deviceOf),
    routes: routes.filter((one) => !('lladdr' in one)).map(routeOf),
    neighbours: routes.filter((one) => 'lladdr' in one).map(neighbourOf),
  };
};

/** From `ip -json link show`. */
export const parseDevices = (json: string): readonly ObservedDevice[] => jsonObjects(json).map(deviceOf);

/** From `bridge -json fdb show`: those with a destination. */
export const parseForwards = (json: string): readonly ObservedForward[] =>
  jsonObjects(json)
    .map((entry) => ({ device: stringField(entry, 'ifname'), mac: stringField(entry, 'mac'), vtep: stringField(entry, 'dst') }))
    .filter((entry) => entry.vtep !== '');

/** MTU of the device that has the address; 1500 when none has it or none is asked for. */
export const underlayMtu = (devices: readonly ObservedDevice[], nodeAddress: string): number =>
  devices.find((device) => nodeAddress !== '' && device.addresses.some(({ text }) => text.startsWith(`${nodeAddress}/`)))?.mtu ?? 1500;
