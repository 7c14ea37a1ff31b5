import { isObject, type JsonObject, jsonObjects, numberField, objectField, objectsField, stringField, stringsField } from './json.ts';

/** A network device of the host's namespace. */
export interface ObservedDevice {
  readonly name: string;
  readonly kind: string;
  readonly lower: string;
  readonly up: boolean;
  readonly mtu: number;
  readonly mac: string;
  /** IPv4, `address/prefixLength`. */
  readonly addresses: readonly string[];
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
  /** Permanent ones only. */
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
    addresses: objectsField(link, 'addr_info')
      .filter((address) => stringField(address, 'family') === 'inet')
      .map((address) => `${stringField(address, 'local')}/${numberField(address, 'prefixlen')}`),
    vxlan: vxlanOf(info),
  };
};

/** From `ip -details -json address show`. */
export const parseDevices = (json: string): readonly ObservedDevice[] => jsonObjects(json).map(deviceOf);

/** From `ip -json route show proto N`. */
export const parseRoutes = (json: string): readonly ObservedRoute[] =>
  jsonObjects(json).map((route) => ({
    type: stringField(route, 'type') || 'unicast',
    destination: stringField(route, 'dst'),
    metric: numberField(route, 'metric'),
  }));

/** From `ip -json neigh show nud permanent`. */
export const parseNeighbours = (json: string): readonly ObservedNeighbour[] =>
  jsonObjects(json).map((neighbour) => ({
    device: stringField(neighbour, 'dev'),
    address: stringField(neighbour, 'dst'),
    mac: stringField(neighbour, 'lladdr'),
  }));

/** From `bridge -json fdb show`: those with a destination. */
export const parseForwards = (json: string): readonly ObservedForward[] =>
  jsonObjects(json)
    .map((entry) => ({ device: stringField(entry, 'ifname'), mac: stringField(entry, 'mac'), vtep: stringField(entry, 'dst') }))
    .filter((entry) => entry.vtep !== '');

/** MTU of the device that has the address; 1500 when none has it or none is asked for. */
export const underlayMtu = (devices: readonly ObservedDevice[], nodeAddress: string): number =>
  devices.find((device) => nodeAddress !== '' && device.addresses.some((address) => address.startsWith(`${nodeAddress}/`)))?.mtu ?? 1500;

/** From `nft -json list chains`: `table/chain` of others that drop what is forwarded unless a rule of theirs lets it through. */
export const parseForwardDrops = (json: string, ownTable: string): readonly string[] => {
  const value: unknown = JSON.parse(json === '' ? '{}' : json);
  if (!isObject(value)) return [];
  return objectsField(value, 'nftables')
    .map((entry) => objectField(entry, 'chain'))
    .filter(
      (chain) =>
        stringField(chain, 'hook') === 'forward' && stringField(chain, 'policy') === 'drop' && stringField(chain, 'table') !== ownTable,
    )
    .map((chain) => `${stringField(chain, 'family')} ${stringField(chain, 'table')}/${stringField(chain, 'name')}`);
};
