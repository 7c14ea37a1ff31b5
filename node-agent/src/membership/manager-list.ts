import { join } from 'node:path';
import { type Logger, type ManagerAddress, sentenceOf } from '@tso/proto';
import { readJson, removeFile, writeDurably } from '../durable-file.ts';
import { Latest } from '../latest.ts';
import type { AgentPaths } from '../paths.ts';

const isList = (value: unknown): value is readonly ManagerAddress[] =>
  Array.isArray(value) && value.every((it: Partial<ManagerAddress>) => typeof it?.nodeId === 'string' && typeof it.address === 'string');

/** Where the cluster's managers are, as a manager said last; kept on disk, since an agent that starts anew has to find one. */
export class ManagerList {
  readonly #path: string;
  readonly #logger: Logger;
  #managers: readonly ManagerAddress[] = [];
  /** The session and a renewal may say it at one time. */
  readonly #saving = new Latest(() => this.#save());
  /** Answered last; empty: none did. */
  #heard = '';
  /** Where somebody was sent last. */
  #sentTo = '';

  constructor(options: { readonly paths: AgentPaths }, ports: { readonly logger: Logger }) {
    this.#path = join(options.paths.dataDir, 'managers.json');
    this.#logger = ports.logger;
  }

  /** A list that cannot be read is none: where a manager runs here it tells, and elsewhere the operator is told by the state of the node. */
  async start(): Promise<void> {
    try {
      const stored = await readJson<unknown>(this.#path);
      this.#managers = isList(stored) ? stored : [];
    } catch (error) {
      this.#logger.error({ error: sentenceOf(error) }, 'the list of managers is damaged and counts as empty');
    }
  }

  /** Sorted as it was told, by node id. */
  get all(): readonly ManagerAddress[] {
    return this.#managers;
  }

  /** Each once; managers without a door to the network have none. */
  get addresses(): readonly string[] {
    return [...new Set(this.#managers.map(({ address }) => address).filter((address) => address !== ''))];
  }

  /** The manager at this address has just answered. */
  heard(address: string): void {
    this.#heard = address;
  }

  /** The one that answered last; empty: none did. */
  get lastHeard(): string {
    return this.#heard;
  }

  /** Where another node's manager is: the one that answered last, and when that was of no help anybody. Undefined: none is known. @param chance from [0, 1) */
  another(nodeId: string, chance: number): string | undefined {
    const others = this.#managers.filter((it) => it.nodeId !== nodeId && it.address !== '').map(({ address }) => address);
    const choice = others.includes(this.#heard) && this.#heard !== this.#sentTo ? this.#heard : others[Math.floor(chance * others.length)];
    this.#sentTo = choice ?? '';
    return choice;
  }

  /** Replaces the list. An empty one is not believed: a cluster has a manager. */
  async set(managers: readonly ManagerAddress[]): Promise<void> {
    const list = managers.map(({ nodeId, address }) => ({ nodeId, address }));
    if (managers.length === 0 || JSON.stringify(list) === JSON.stringify(this.#managers)) return;
    this.#managers = list;
    await this.#saving.request();
  }

  async forget(): Promise<void> {
    this.#managers = [];
    await this.#saving.request();
  }

  #save(): Promise<void> {
    return this.#managers.length === 0 ? removeFile(this.#path) : writeDurably(this.#path, JSON.stringify(this.#managers));
  }
}
