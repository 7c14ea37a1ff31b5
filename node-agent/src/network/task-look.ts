import { formatIpv6, parseIpv6 } from '@tso/proto';
import { jsonObjects, numberField, objectsField, stringField, stringsField } from './json.ts';
import { type Attachment, interfaceWish, taskSysctls, type WishedItem } from './task-interfaces.ts';

/** What the programs printed of a task's namespace, in parts. */
export interface TaskLook {
  /** `ip -json` of addresses, routes, rules and rules of IPv6: an array a line. */
  readonly addresses: string;
  readonly routes: string;
  readonly rules: string;
  readonly rules6: string;
  /** `path:value` a line. */
  readonly sysctls: string;
  /** Of our tables, as `nft -s` lists them; those that are missing are. */
  readonly tables: string;
}

/** What a namespace lacks of what it is to have. */
export interface TaskLack {
  /** Interfaces that are missing, or not our own: all are made again. */
  readonly devices: readonly string[];
  /** Those of them that are not there at all. */
  readonly absent: readonly string[];
  /** Lines for `ip -batch`, and for `ip -6 -batch`. */
  readonly lines: readonly string[];
  readonly lines6: readonly string[];
  readonly sysctls: readonly (readonly [path: string, value: string])[];
  readonly rules: boolean;
}

/** The sections that `taskLookScript` prints, one after the other. */
export const lookMark = '=====';

/**
 * `ip` prints a line for each of addresses, routes and rules, or none where there is nothing: they are told by what is in them. Rules of IPv6, settings and
 * tables are sections of their own.
 */
export const parseTaskLook = (text: string): TaskLook => {
  const [tables = '', sysctls = '', rules6 = '', ...interfaces] = text.split(`${lookMark}\n`).toReversed();
  const lines = interfaces.join('\n').split('\n');
  const having = (field: string): string => lines.find((line) => line.includes(`"${field}":`)) ?? '';
  const addresses = having('ifname');
  const rules = having('priority');
  return {
    addresses,
    routes: lines.find((line) => line !== addresses && line !== rules && line.includes('"dst":')) ?? '',
    rules,
    rules6,
    sysctls,
    tables,
  };
};

const canonical = (address: string): string => {
  const number = parseIpv6(address);
  return number === undefined ? address : formatIpv6(number);
};

const missing = (wished: readonly WishedItem[], present: ReadonlySet<string>): readonly string[] =>
  wished.filter(({ key }) => !present.has(key)).map(({ line }) => line);

const routeKey = (route: Readonly<Record<string, unknown>>): string =>
  `${stringField(route, 'table') || 'main'} ${stringField(route, 'dst')} ${canonical(stringField(route, 'gateway'))} ${stringField(route, 'dev')}`;

const preferences = (json: string): ReadonlySet<string> => new Set(jsonObjects(json).map((rule) => String(numberField(rule, 'priority'))));

const addressPattern = /[0-9a-f]*:[0-9a-f:.]+|\d+\.\d+\.\d+\.\d+|\bs_\w+/g;

/**
 * What counts in a rule set, the same for what we load and for what nft lists of it, which it writes in its own way: of each table and chain how many
 * rules it has, and which addresses and chains they name, in no order: nft sorts sets. What comes and goes by itself (`gone`) is left out.
 */
export const essenceOf = (text: string): string => {
  const blocks: string[] = [];
  let table = '';
  let block: { readonly name: string; rules: number; readonly words: string[] } | undefined;
  for (const line of text.split('\n').map((one) => one.trim())) {
    const head = /^(table|chain|map|set) (.*) \{$/.exec(line);
    if (head?.[1] === 'table') table = head[2] ?? '';
    else if (head !== null) block = { name: `${table} ${head[1]} ${head[2]}`, rules: 0, words: [] };
    else if (line === '}' && block !== undefined) {
      if (!block.name.endsWith(' set gone')) blocks.push(`${block.name}: ${block.rules} ${block.words.toSorted().join(' ')}`);
      block = undefined;
    } else if (block !== undefined && line !== '') {
      if (block.name.includes(' chain ') && !line.startsWith('type ')) block.rules += 1;
      block.words.push(...(line.match(addressPattern) ?? []));
    }
  }
  return blocks.toSorted().join('\n');
};

/** @param rules what taskRules says for it */
export const taskLack = (
  task: { readonly attachments: readonly Attachment[]; readonly sysctls: Readonly<Record<string, string>> },
  rules: string,
  look: TaskLook,
): TaskLack => {
  const { attachments } = task;
  const wish = interfaceWish(attachments);
  const devices = new Map(jsonObjects(look.addresses).map((device) => [stringField(device, 'ifname'), device]));
  const addresses = [...devices].flatMap(([name, device]) =>
    objectsField(device, 'addr_info').map((one) => `${name} ${canonical(stringField(one, 'local'))}/${numberField(one, 'prefixlen')}`),
  );
  const down = attachments.filter(({ device }) => {
    const found = devices.get(device);
    return found !== undefined && !stringsField(found, 'flags').includes('UP');
  });
  const values = new Map(look.sysctls.split('\n').map((line) => line.replaceAll('\t', ' ').split(':', 2) as [string, string]));
  const own = new Set(Object.keys(task.sysctls).map((name) => name.replaceAll('.', '/')));
  return {
    devices: attachments.filter(({ device, mac }) => stringField(devices.get(device) ?? {}, 'address') !== mac).map(({ device }) => device),
    absent: attachments.filter(({ device }) => !devices.has(device)).map(({ device }) => device),
    lines: [
      ...missing(wish.addresses, new Set(addresses)),
      ...down.map(({ device }) => `link set dev ${device} up`),
      ...missing(wish.routes, new Set(jsonObjects(look.routes).map(routeKey))),
      ...missing(wish.rules, preferences(look.rules)),
    ],
    lines6: missing(wish.rules6, preferences(look.rules6)),
    // A kernel without IPv6 has none of its settings.
    sysctls: taskSysctls(attachments).filter(([path, value]) => values.has(path) && values.get(path) !== value && !own.has(path)),
    rules: essenceOf(look.tables) !== essenceOf(rules),
  };
};

/** Whether nothing is to be mended. */
export const lacksNothing = (lack: TaskLack): boolean =>
  lack.devices.length + lack.lines.length + lack.lines6.length + lack.sysctls.length === 0 && !lack.rules;

/** "its interface eth0", for a person. */
export const lackText = (lack: TaskLack): string => {
  const items = [...lack.lines, ...lack.lines6].map((line) => line.split(' ').slice(0, 1).join(''));
  const parts = [
    ...(lack.devices.length === 0 ? [] : [`its interface ${lack.devices.join(' and ')}`]),
    ...(lack.devices.length > 0
      ? []
      : [...new Set(items)].map((what) => (what === 'address' ? 'an address' : what === 'link' ? 'an interface that is up' : `a ${what}`))),
    ...(lack.rules ? ['rules of packets'] : []),
    ...lack.sysctls.map(([path]) => path.replaceAll('/', '.')),
  ];
  return parts.join(', ');
};

/** The `count` ids that come after the one in alphabetical order, beginning anew behind the last. */
export const nextInTurn = (ids: readonly string[], after: string, count: number): readonly string[] => {
  const sorted = ids.toSorted();
  return [...sorted.filter((id) => id > after), ...sorted.filter((id) => id <= after)].slice(0, count);
};
