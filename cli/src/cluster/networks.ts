import {
  blockSize,
  containsAddress,
  containsAddress6,
  emptyNetworkSpec,
  type NetworkSpec,
  type NetworkView,
  parseCidr,
  parseCidr6,
  parseIpv4,
  parseIpv6,
  TsoError,
} from '@tso/proto';
import type { Call } from '../command-host.ts';
import { withControl } from '../control-client.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { writeOut } from '../io.ts';
import { jsonDocument } from '../output/json.ts';
import { renderTable } from '../output/table.ts';
import { detailsText } from '../view-model/detail-lines.ts';
import {
  endpointCells,
  endpointColumns,
  endpointRow,
  matchesFilters,
  type NetworkFilter,
  networkCells,
  networkColumns,
  networkDetails,
  networkRow,
} from '../view-model/network-row.ts';

export interface ListOptions {
  readonly filter?: readonly NetworkFilter[];
}

/** `tso network ls`. */
export const listNetworks = async ({ io, options, context, json }: Call<ListOptions>): Promise<number> => {
  const { networks } = await withControl(context, io.uid, (control) => control.listNetworks({}));
  const shown = networks.filter((view) => matchesFilters(view, options.filter ?? []));
  if (json) await writeOut(io.stdout, jsonDocument(shown.map(networkRow)));
  else if (options.quiet) await writeOut(io.stdout, shown.map(({ network }) => `${network.id}\n`).join(''));
  else await writeOut(io.stdout, renderTable(networkColumns, shown.map(networkCells), io.stdout.isTTY ? io.stdout.columns : undefined));
  return exitCodes.done;
};

const page = (view: NetworkView, width: number | undefined): string => {
  const table = view.endpoints.length === 0 ? '' : `\n${renderTable(endpointColumns, view.endpoints.map(endpointCells), width)}`;
  return `${detailsText(networkDetails(view), 14)}${table}`;
};

/** `tso network inspect`: an array as JSON, with everyone on it; a page for each otherwise. */
export const inspectNetworks = async ({ io, args, context, json }: Call<object>): Promise<number> => {
  const views = await withControl(context, io.uid, async (control) => {
    const found: NetworkView[] = [];
    for (const network of new Set(args)) found.push(await control.getNetwork({ network }));
    return found;
  });
  if (json) {
    await writeOut(io.stdout, jsonDocument(views.map((view) => ({ ...networkRow(view), endpoints: view.endpoints.map(endpointRow) }))));
    return exitCodes.done;
  }
  const width = io.stdout.isTTY ? io.stdout.columns : undefined;
  await writeOut(io.stdout, views.map((view) => page(view, width)).join('\n'));
  return exitCodes.done;
};

export interface CreateNetworkOptions {
  readonly driver: string;
  readonly subnet?: readonly string[];
  readonly gateway?: readonly string[];
  readonly ipRange?: readonly string[];
  readonly auxAddress?: readonly string[];
  readonly opt?: readonly string[];
  readonly label?: readonly string[];
  readonly internal?: boolean;
  readonly attachable?: boolean;
  readonly ipv6?: boolean;
}

type Family = 4 | 6;

const familyOf = (text: string): Family => (text.includes(':') ? 6 : 4);

/** The one of these that is of the family; what is none of an address or block, or a second one, is a wrong use. */
const only = (texts: readonly string[] | undefined, family: Family, flag: string, isSound: (text: string) => boolean): string => {
  const found = (texts ?? []).filter((text) => familyOf(text) === family);
  const wrong = found.find((text) => !isSound(text));
  if (wrong !== undefined) throw new UsageError(`${wrong} is not what --${flag} takes`, 'See tso network create --help');
  if (found.length > 1) throw new UsageError(`a network takes one --${flag} of IPv${family}, and ${found.length} were given`, 'Keep one');
  return found[0] ?? '';
};

const isBlock = (text: string): boolean => (familyOf(text) === 4 ? parseCidr(text) : parseCidr6(text)) !== undefined;
const isAddress = (text: string): boolean => (familyOf(text) === 4 ? parseIpv4(text) : parseIpv6(text)) !== undefined;

/** `name=value`, or a bare name. */
const pairs = (texts: readonly string[] | undefined): Record<string, string> =>
  Object.fromEntries(
    (texts ?? []).map((text) => {
      const [name = '', ...rest] = text.split('=');
      return [name, rest.join('=')];
    }),
  );

const dockerMtu = 'com.docker.network.driver.mtu';

/** As the cluster spells them: encrypted alone means yes, and the MTU has one name. */
const driverOpts = (texts: readonly string[] | undefined): Record<string, string> => {
  const { [dockerMtu]: mtu, encrypted, ...rest } = pairs(texts);
  return {
    ...rest,
    ...(mtu === undefined ? {} : { mtu }),
    ...(encrypted === undefined || encrypted === 'false' ? {} : { encrypted: encrypted === '' ? 'true' : encrypted }),
  };
};

const reservedOf = (texts: readonly string[] | undefined): Record<string, string> => {
  const reserved = pairs(texts);
  for (const [name, address] of Object.entries(reserved))
    if (!isAddress(address)) throw new UsageError(`--aux-address ${name}=${address} names no IP address`, 'Write NAME=10.20.0.9');
  return reserved;
};

const within = (address: string, subnet: string): boolean => {
  const [four, six] = [parseCidr(subnet), parseCidr6(subnet)];
  if (four !== undefined) {
    const value = parseIpv4(address);
    return value === undefined || (containsAddress(four, value) && value > four.base && value < four.base + blockSize(four.prefix) - 1);
  }
  const value = parseIpv6(address);
  return six === undefined || value === undefined || containsAddress6(six, value);
};

/** What is wrong with what was typed, before anyone is asked. */
const specOf = (name: string, options: CreateNetworkOptions): NetworkSpec => {
  const spec: NetworkSpec = {
    ...emptyNetworkSpec,
    name,
    driver: options.driver,
    internal: options.internal ?? false,
    attachable: options.attachable ?? false,
    enableIpv6: options.ipv6 ?? false,
    subnet: only(options.subnet, 4, 'subnet', isBlock),
    subnet6: only(options.subnet, 6, 'subnet', isBlock),
    gateway: only(options.gateway, 4, 'gateway', isAddress),
    gateway6: only(options.gateway, 6, 'gateway', isAddress),
    ipRange: only(options.ipRange, 4, 'ip-range', isBlock),
    ipRange6: only(options.ipRange, 6, 'ip-range', isBlock),
    reserved: reservedOf(options.auxAddress),
    labels: pairs(options.label),
    driverOpts: driverOpts(options.opt),
  };
  if (spec.subnet6 !== '' && !spec.enableIpv6) throw new UsageError(`--subnet ${spec.subnet6} needs --ipv6`, 'Add --ipv6');
  for (const [address, subnet] of [
    [spec.gateway, spec.subnet],
    [spec.gateway6, spec.subnet6],
  ] as const) {
    if (address === '') continue;
    if (subnet === '') throw new UsageError(`--gateway ${address} needs a --subnet that it is in`, 'Add --subnet');
    if (!within(address, subnet)) throw new UsageError(`--gateway ${address} is no host's address in ${subnet}`, 'Give one of that subnet');
  }
  return spec;
};

/** `tso network create`: prints the id. */
export const createNetwork = async ({ io, options, args, context, json }: Call<CreateNetworkOptions>): Promise<number> => {
  const [name = ''] = args;
  const spec = specOf(name, options);
  const { network } = await withControl(context, io.uid, (control) => control.createNetwork({ spec }));
  const view: NetworkView = { network, endpoints: [], addressesUsed: 0, addressesTotal: 0, tasks: 0, services: [], warning: '' };
  await writeOut(io.stdout, json ? jsonDocument(networkRow(view)) : `${network.id}\n`);
  return exitCodes.done;
};

export interface RemoveNetworkOptions {
  readonly force?: boolean;
}

/** `tso network rm`: all are looked up before the first is removed; prints their names. */
export const removeNetworks = async ({ io, options, args, context, json }: Call<RemoveNetworkOptions>): Promise<number> => {
  const removed = await withControl(context, io.uid, async (control) => {
    const found = new Map<string, string>();
    for (const ref of args) {
      try {
        const { network } = await control.getNetwork({ network: ref });
        found.set(network.id, network.spec.name);
      } catch (error) {
        if (!(error instanceof TsoError) || error.code !== 'NOT_FOUND' || options.force !== true) throw error;
      }
    }
    const names: string[] = [];
    for (const id of found.keys()) {
      const { name } = await control.removeNetwork({ network: id });
      names.push(name);
      if (!json) await writeOut(io.stdout, `${name}\n`);
    }
    return [...found].map(([id, name], index) => ({ id, name: names[index] ?? name }));
  });
  if (json) await writeOut(io.stdout, jsonDocument(removed));
  return exitCodes.done;
};
