import { type Lifecycle, type Logger, parseUnlockKey, sentenceOf } from '@tso/proto';
import type { LeftAside } from '../replication/aside-logs.ts';
import type { Proposer } from '../replication/proposer.ts';
import type { UnlockKey } from './unlock-key.ts';

export interface AutolockKeeperPorts {
  readonly proposer: Proposer;
  readonly disk: { readonly isLocked: boolean; lock(keyEncryptionKey: Uint8Array): Promise<void>; unlock(): Promise<void> };
  /** The same for the logs that this one has replaced; what is left as it was. */
  readonly relockAside: (key: string | undefined) => Promise<readonly LeftAside[]>;
  readonly unlockKey: UnlockKey;
  /** The agent seals the node's key with it too; empty: with nothing. */
  readonly tellAgent: (key: string) => void;
  readonly logger: Logger;
}

/** On every manager: what it keeps on disk is locked with the key that the cluster has decided on, or with none. */
export class AutolockKeeper implements Lifecycle {
  readonly #ports: AutolockKeeperPorts;
  readonly #ended = new AbortController();
  #watching: Promise<void> | undefined;
  /** What was carried out last; undefined: not known. */
  #done: string | undefined;

  constructor(ports: AutolockKeeperPorts) {
    this.#ports = ports;
  }

  async start(): Promise<void> {
    this.#watching ??= this.#watch();
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { proposer } = this.#ports;
    const changes = proposer.subscribe(({ kind }) => kind === 'authority', { limit: 10, signal: this.#ended.signal });
    await this.#follow();
    for await (const _ of changes) await this.#follow();
  }

  async #follow(): Promise<void> {
    const { proposer, disk, unlockKey, tellAgent, logger } = this.#ports;
    const authority = proposer.view.authority();
    // A manager that has just begun knows nothing yet: what it was locked with stays.
    if (authority === undefined || authority.unlockKey === this.#done) return;
    const key = authority.unlockKey;
    try {
      // These first: until the log itself is locked anew a manager that ends here begins with the key that opens them all.
      await this.#relockAside(key === '' ? undefined : key);
      if (key === '') await disk.unlock();
      else if (!disk.isLocked || unlockKey.text !== key) await disk.lock(parseUnlockKey(key));
      unlockKey.change(key === '' ? undefined : key);
      tellAgent(key);
      if (this.#done !== undefined || key !== '')
        logger.info({ locked: key !== '' }, 'what this manager has on disk is locked as the cluster wishes');
      this.#done = key;
    } catch (error) {
      // The disk refuses all writes from now on, and whoever writes next says why the manager ends.
      logger.error({}, `the manager's state could not be locked anew: ${sentenceOf(error)}`);
    }
  }

  async #relockAside(key: string | undefined): Promise<void> {
    for (const { path, why } of await this.#ports.relockAside(key))
      this.#ports.logger.warn(
        { path, why },
        'an earlier log that is kept aside is not locked as the cluster wishes: remove it when nobody needs it',
      );
  }
}
