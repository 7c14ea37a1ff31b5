/**
 * What the host's table says of published ports, as a value that can be compared. Sets and maps change with the ports alone, tasks are in the rules of
 * chains: nft reads every element of the table before it changes one (1.0.6: 20 ms with 200 ports of 50 tasks), and none to replace a chain's rules (6 ms).
 */

/** The named sets and maps of published ports, with their types (nft(8), SETS and MAPS). */
const declarations = {
  published: 'map published { type inet_proto . inet_service : verdict; }',
  published_at: 'map published_at { type ipv4_addr . inet_proto . inet_service : verdict; }',
  tcp_targets: 'map tcp_targets { type inet_service : inet_service; }',
  udp_targets: 'map udp_targets { type inet_service : inet_service; }',
  sctp_targets: 'map sctp_targets { type inet_service : inet_service; }',
  udp_lanes: 'map udp_lanes { type inet_service : verdict; }',
  held: 'set held { type inet_proto . inet_service; }',
  held_at: 'set held_at { type ipv4_addr . inet_proto . inet_service; }',
} as const;

export type PortSet = keyof typeof declarations;
const setNames = Object.keys(declarations) as readonly PortSet[];

/** An element: its key, and what a map gives for it; empty in a set. */
export type PortElements = ReadonlyMap<string, string>;

export interface PortTable {
  /** Chain name to its rules. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  readonly sets: Readonly<Partial<Record<PortSet, PortElements>>>;
}

export const emptyPortTable: PortTable = { chains: new Map(), sets: {} };

const joined = (a: PortTable['chains'], b: PortTable['chains']): PortTable['chains'] => {
  const chains = new Map(a);
  for (const [name, rules] of b) chains.set(name, [...(chains.get(name) ?? []), ...rules]);
  return chains;
};

/** Both in one: the rules of a chain that both have one after the other, of an element that both have the later one; claims on ports see to it that none has. */
export const mergedPortTable = (a: PortTable, b: PortTable): PortTable => ({
  chains: joined(a.chains, b.chains),
  sets: Object.fromEntries(setNames.map((name) => [name, new Map([...(a.sets[name] ?? []), ...(b.sets[name] ?? [])])])),
});

/** Whether nothing is published. */
export const isEmptyPortTable = ({ sets }: PortTable): boolean => setNames.every((name) => (sets[name]?.size ?? 0) === 0);

const elementText = ([key, value]: readonly [string, string]): string => (value === '' ? key : `${key} : ${value}`);

/** The declarations and rules, to stand inside the table before whatever names them. */
export const portTableText = ({ chains, sets }: PortTable): string => {
  const declared = setNames.map((name) => {
    const elements = [...(sets[name] ?? [])];
    const declaration = declarations[name];
    return elements.length === 0 ? declaration : declaration.replace(/ \}$/, ` elements = { ${elements.map(elementText).join(', ')} }; }`);
  });
  const bodies = [...chains].map(([name, rules]) => `chain ${name} {\n${rules.map((rule) => `    ${rule}\n`).join('')}  }`);
  // A rule may name a set and an element may name a chain: sets first without their elements would need two passes, which nft makes by itself.
  return [...declared, ...bodies].map((text) => `  ${text}\n`).join('');
};

const sameRules = (a: readonly string[] | undefined, b: readonly string[]): boolean =>
  a === b || (a !== undefined && a.length === b.length && a.every((rule, index) => rule === b[index]));

const elementLines = (verb: 'add' | 'delete', table: string, set: PortSet, elements: readonly string[]): readonly string[] =>
  elements.length === 0 ? [] : [`${verb} element inet ${table} ${set} { ${elements.join(', ')} }`];

/**
 * Lines for `nft -f` that make one of the other, in an order in which each may be carried out: what an element names is there before it, and is
 * gone only after it. Empty when nothing differs.
 */
export const portTablePatch = (table: string, before: PortTable, after: PortTable): readonly string[] => {
  const chains = [...after.chains];
  const changed = chains.filter(([name, rules]) => !sameRules(before.chains.get(name), rules));
  const elements = setNames.map((set) => {
    const old = before.sets[set] ?? new Map<string, string>();
    const now = after.sets[set] ?? new Map<string, string>();
    return {
      set,
      gone: [...old].filter(([key, value]) => now.get(key) !== value).map(([key]) => key),
      come: [...now].filter(([key, value]) => old.get(key) !== value).map(elementText),
    };
  });
  return [
    // Only new ones: nft reads the whole table before it adds a chain, also one that is there.
    ...changed.filter(([name]) => !before.chains.has(name)).map(([name]) => `add chain inet ${table} ${name}`),
    ...changed.filter(([name]) => before.chains.has(name)).map(([name]) => `flush chain inet ${table} ${name}`),
    ...changed.flatMap(([name, rules]) => rules.map((rule) => `add rule inet ${table} ${name} ${rule}`)),
    ...elements.flatMap(({ set, gone }) => elementLines('delete', table, set, gone)),
    ...elements.flatMap(({ set, come }) => elementLines('add', table, set, come)),
    ...[...before.chains.keys()].filter((name) => !after.chains.has(name)).map((name) => `delete chain inet ${table} ${name}`),
  ];
};
