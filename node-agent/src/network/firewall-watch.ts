import { type Logger, sentenceOf } from '@tso/proto';
import { findProgram, runCommand } from '../host-command.ts';
import { type ClosedChain, closedChain, closedLegacyChains, firewallTrouble, parseBaseChains } from './firewalls.ts';
import { legacyTables } from './forwarding.ts';

const nftJson = async (...args: readonly string[]): Promise<string> => (await runCommand('nft', ['-json', ...args])).stdout;

/** Firewalls of others on this host that would drop what ours lets through: only looked at, never changed. */
export class FirewallWatch {
  readonly #logger: Logger;
  readonly #isOurs: (table: string) => boolean;
  #troubles: readonly string[] = [];
  #failure = '';

  constructor(options: { readonly isOurs: (table: string) => boolean }, ports: { readonly logger: Logger }) {
    this.#isOurs = options.isOurs;
    this.#logger = ports.logger;
  }

  /** A sentence each, with what to do, as of the last look. */
  get troubles(): readonly string[] {
    return this.#troubles;
  }

  /** Looks again; whether there are other troubles than before. What cannot be read keeps the troubles as they were. */
  async look(vxlanPort: number | undefined): Promise<boolean> {
    const before = this.#troubles;
    try {
      const closed = [...(await this.#nftChains()), ...(await this.#legacyChains())];
      this.#troubles = closed.map((chain) => firewallTrouble(chain, vxlanPort));
      this.#failure = '';
    } catch (error) {
      const text = sentenceOf(error);
      if (text !== this.#failure) this.#logger.info({ error: text }, 'the firewalls of this host cannot be looked at');
      this.#failure = text;
    }
    for (const trouble of this.#troubles) if (!before.includes(trouble)) this.#logger.warn({}, trouble);
    return before.join('\n') !== this.#troubles.join('\n');
  }

  async #nftChains(): Promise<readonly ClosedChain[]> {
    const closed: ClosedChain[] = [];
    for (const base of parseBaseChains(await nftJson('list', 'chains'), this.#isOurs)) {
      const chain = closedChain(base, await nftJson('list', 'table', base.family, base.table));
      if (chain !== undefined) closed.push(chain);
    }
    return closed;
  }

  /** Only where they are in use: asking for one makes it. */
  async #legacyChains(): Promise<readonly ClosedChain[]> {
    const closed: ClosedChain[] = [];
    for (const [program, family] of [
      ['iptables-legacy', 'ip'],
      ['ip6tables-legacy', 'ip6'],
    ] as const) {
      if (!(await legacyTables(family)).includes('filter') || findProgram(program) === undefined) continue;
      closed.push(...closedLegacyChains((await runCommand(program, ['-S'])).stdout, family));
    }
    return closed;
  }
}
