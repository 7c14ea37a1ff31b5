import { isObject, type JsonObject, objectField, objectsField, stringField } from './json.ts';

/** What of a packet's way a firewall of others decides: whether it passes through the host, or comes to it. */
export type Hook = 'forward' | 'input';

/** A chain of others that lets nothing through but what its rules name. */
export interface ClosedChain {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly hook: Hook;
  /** Whether Docker's chain for rules of the administrator is in its table. */
  readonly docker: boolean;
  /** `iptables-legacy`, which nft does not see; else nft. */
  readonly legacy: boolean;
}

/** What all devices of ours begin with. */
const ownPrefix = 'tso';

const objectsOf = (json: string): readonly JsonObject[] => {
  const value: unknown = JSON.parse(json.trim() === '' ? '{}' : json);
  return isObject(value) ? objectsField(value, 'nftables') : [];
};

export interface BaseChain {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly hook: Hook;
  readonly policy: string;
}

/** From `nft -json list chains`: chains of others that packets pass on their way through the host or to it. `ours` says which tables are ours. */
export const parseBaseChains = (json: string, ours: (table: string) => boolean): readonly BaseChain[] =>
  objectsOf(json)
    .map((entry) => objectField(entry, 'chain'))
    .filter((chain) => !ours(stringField(chain, 'table')))
    .flatMap((chain) => {
      const hook = stringField(chain, 'hook');
      if ((hook !== 'forward' && hook !== 'input') || stringField(chain, 'type') !== 'filter') return [];
      const [family, table, name, policy] = ['family', 'table', 'name', 'policy'].map((key) => stringField(chain, key));
      return [{ family: family ?? '', table: table ?? '', chain: name ?? '', hook, policy: policy ?? '' } as const];
    });

const verdictsOf = (rule: JsonObject): readonly JsonObject[] => objectsField(rule, 'expr').filter((one) => !('counter' in one));

/** A last rule without conditions that drops or rejects closes a chain as a policy does (firewalld writes it so). */
const endsClosed = (rules: readonly JsonObject[]): boolean => {
  const verdicts = verdictsOf(rules.at(-1) ?? {});
  const [only] = verdicts;
  return only !== undefined && verdicts.length === 1 && ('drop' in only || 'reject' in only);
};

/**
 * The chain when it is closed, from its policy and `nft -json list table` of its table; undefined when it lets through what it does not know, or when
 * its table has a rule about our devices: somebody has seen to it.
 */
export const closedChain = (base: BaseChain, tableJson: string): ClosedChain | undefined => {
  if (new RegExp(`"${ownPrefix}[^"]*"`).test(tableJson)) return undefined;
  const objects = objectsOf(tableJson);
  const rules = objects.map((entry) => objectField(entry, 'rule')).filter((rule) => stringField(rule, 'chain') === base.chain);
  if (base.policy !== 'drop' && !endsClosed(rules)) return undefined;
  const docker = objects.some((entry) => stringField(objectField(entry, 'chain'), 'name') === 'DOCKER-USER');
  return { family: base.family, table: base.table, chain: base.chain, hook: base.hook, docker, legacy: false };
};

const legacyHooks = { FORWARD: 'forward', INPUT: 'input' } as const;

/** From `iptables-legacy -S` (or ip6tables-legacy): the same of its table `filter`. */
export const closedLegacyChains = (text: string, family: 'ip' | 'ip6'): readonly ClosedChain[] => {
  const lines = text.split('\n');
  if (lines.some((line) => new RegExp(`-[io] ${ownPrefix}`).test(line))) return [];
  const docker = lines.includes('-N DOCKER-USER');
  return (['FORWARD', 'INPUT'] as const)
    .filter((chain) => {
      const last = lines.findLast((line) => line.startsWith(`-A ${chain} `)) ?? '';
      return lines.includes(`-P ${chain} DROP`) || new RegExp(`^-A ${chain} -j (DROP|REJECT)`).test(last);
    })
    .map((chain) => ({ family, table: 'filter', chain, hook: legacyHooks[chain], docker: docker && chain === 'FORWARD', legacy: true }));
};

const iptablesOf = ({ family, legacy }: ClosedChain): string => `${family === 'ip6' ? 'ip6tables' : 'iptables'}${legacy ? '-legacy' : ''}`;

const cureOf = (closed: ClosedChain): string => {
  const { family, table, chain, hook, docker } = closed;
  if (table === 'firewalld') return `firewall-cmd --permanent --zone=trusted --add-interface=${ownPrefix}+ && firewall-cmd --reload`;
  if (closed.legacy || (table === 'filter' && (family === 'ip' || family === 'ip6'))) {
    const command = `${iptablesOf(closed)} -I ${docker && hook === 'forward' ? 'DOCKER-USER' : chain}`;
    if (hook === 'input') return `${command} -i ${ownPrefix}+ -j ACCEPT`;
    return `${command} -i ${ownPrefix}+ -j ACCEPT && ${command} -o ${ownPrefix}+ -j ACCEPT`;
  }
  const command = `nft insert rule ${family} ${table} ${chain}`;
  if (hook === 'input') return `${command} iifname '"${ownPrefix}*"' accept`;
  return `${command} iifname '"${ownPrefix}*"' accept && ${command} oifname '"${ownPrefix}*"' accept`;
};

const costs: Readonly<Record<Hook, string>> = {
  forward: 'containers reach nothing outside, and published ports lead to none',
  input: 'containers get no names from it',
};

/**
 * A sentence for the administrator. An accept of ours does not undo a drop in the table of another, wherever it stands (nft(8), verdict statements:
 * an accepted packet goes on to the base chains after), and tables of others are not ours to change.
 */
export const firewallTrouble = (closed: ClosedChain, vxlanPort: number | undefined): string => {
  const { family, table, chain, hook, legacy } = closed;
  const what = hook === 'forward' ? 'passes through this host' : 'comes to this host';
  const where = `${legacy ? `${iptablesOf(closed)} ` : `${family} ${table}/`}${chain}`;
  const frames = hook === 'input' && vxlanPort !== undefined ? `; let UDP port ${vxlanPort} in from the other nodes too` : '';
  return `the firewall ${where} drops what ${what} and no rule of it names, so that ${costs[hook]}: ${cureOf(closed)}${frames}`;
};
