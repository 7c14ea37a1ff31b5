import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CertificateReply,
  type Clock,
  type IdentityHeld,
  type Logger,
  NodeRole,
  parseUnlockKey,
  sentenceOf,
  TsoError,
} from '@tso/proto';
import {
  currentIdentityFiles,
  identityFromReply,
  makeKeyAndCsr,
  readIdentity,
  resealIdentity,
  type StoredIdentity,
  writeIdentity,
} from '@tso/proto/pki';
import { loadTls, type TlsMaterial } from '@tso/proto/rpc';
import { makePrivateDir, readJson, removeFile, writeDurably } from '../durable-file.ts';
import type { NodeKind } from './role-steps.ts';

export interface NodeCertificatesPorts {
  readonly clock: Clock;
  readonly logger: Logger;
}

type KeyAndCsr = Awaited<ReturnType<typeof makeKeyAndCsr>>;

interface KeyToJoin extends KeyAndCsr {
  /** No earlier try to join used it. */
  readonly isNew: boolean;
}

interface StoredKeyToJoin extends KeyAndCsr {
  readonly nodeId: string;
}

/** What only a look at the clock says. */
const clockReasons: readonly unknown[] = ['expired', 'not-yet-valid'];

const reasonOf = (error: unknown): unknown => (error instanceof TsoError ? error.details.reason : undefined);

/** This node's certificate and key: the identity directory, and what of it is in use now. One change at a time. */
export class NodeCertificates {
  readonly #directory: string;
  readonly #ports: NodeCertificatesPorts;
  #stored: StoredIdentity | undefined;
  #material: TlsMaterial | undefined;
  /** Why the files cannot be used. */
  #problem: TsoError | undefined;
  /** What the key is sealed with; kept in memory only. Empty: not known, or there is none. */
  #unlockKey = '';
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: { readonly directory: string }, ports: NodeCertificatesPorts) {
    this.#directory = options.directory;
    this.#ports = ports;
  }

  get directory(): string {
    return this.#directory;
  }

  /** What is on disk; undefined: nothing. */
  get stored(): StoredIdentity | undefined {
    return this.#stored;
  }

  /** The role in the certificate; undefined: there is none. */
  get role(): NodeKind | undefined {
    if (this.#stored === undefined) return undefined;
    return this.#stored.role === 'manager' ? 'manager' : 'worker';
  }

  /** The key waits for the unlock key. */
  get isLocked(): boolean {
    return reasonOf(this.#problem) === 'locked';
  }

  /** As last heard; empty: none. */
  get unlockKey(): string {
    return this.#unlockKey;
  }

  /** Why it cannot be used; empty: it can, or there is none. */
  get problem(): string {
    return this.#problem?.sentence ?? '';
  }

  /** The same, or undefined when there is nothing. */
  get material(): TlsMaterial | undefined {
    return this.#material;
  }

  /** What connections are made with. FAILED_PRECONDITION or NOT_FOUND says why there is nothing. */
  tls(): TlsMaterial {
    if (this.#material !== undefined) return this.#material;
    // A clock that was wrong may be right by now: whoever tries again finds out.
    if (clockReasons.includes(reasonOf(this.#problem))) void this.load();
    throw this.#problem ?? new TsoError('FAILED_PRECONDITION', 'this node has no certificate of a cluster yet');
  }

  /** What the manager is told of it. */
  held(): IdentityHeld {
    return {
      authorityEpoch: this.#stored?.authorityEpoch ?? 0,
      role: this.#stored?.role === 'manager' ? NodeRole.MANAGER : NodeRole.WORKER,
    };
  }

  /** Reads what is there, also after somebody else wrote it. Never throws: what cannot be used is a state of the node. */
  load(): Promise<void> {
    return this.#next(() => this.#load());
  }

  /** Takes what a manager answered as this node's certificate, durably. */
  adopt(reply: CertificateReply, key: string): Promise<void> {
    return this.#next(async () => {
      await writeIdentity(this.#directory, identityFromReply(reply, key), this.#seal(reply.role));
      await removeFile(this.#joinFile);
      await this.#load();
    });
  }

  /** A worker starts without anybody near it: its key is not sealed. */
  #seal(role: NodeRole): { readonly passphrase?: string } {
    return role === NodeRole.MANAGER && this.#unlockKey !== '' ? { passphrase: this.#unlockKey } : {};
  }

  /**
   * The key that this node asks to join with, and the request for it: durable before anybody is asked, and the same until there is a
   * certificate or all is erased. A cluster whose answer was lost gives that key's owner, and nobody else, another one.
   */
  keyToJoin(nodeId: string): Promise<KeyToJoin> {
    return this.#next(async () => {
      const kept = await readJson<Partial<StoredKeyToJoin>>(this.#joinFile).catch(() => undefined); // One that is damaged is none.
      if (kept?.nodeId === nodeId && typeof kept.key === 'string' && typeof kept.csr === 'string') {
        return { key: kept.key, csr: kept.csr, isNew: false };
      }
      const made = await makeKeyAndCsr();
      await makePrivateDir(this.#directory);
      await writeDurably(this.#joinFile, JSON.stringify({ nodeId, ...made } satisfies StoredKeyToJoin));
      return { ...made, isNew: true };
    });
  }

  newKey(): ReturnType<typeof makeKeyAndCsr> {
    return makeKeyAndCsr();
  }

  /** Opens the key. INVALID_ARGUMENT: it is no unlock key; FAILED_PRECONDITION: it is not the one. */
  unlock(text: string): Promise<void> {
    parseUnlockKey(text);
    return this.#next(async () => {
      const before = this.#unlockKey;
      this.#unlockKey = text.trim();
      await this.#load();
      if (reasonOf(this.#problem) !== 'wrong-passphrase') {
        // One that has opened nothing here is not known to be right. A manager that it opens says so, by telling what to seal with.
        if (this.#stored?.sealed !== true) this.#unlockKey = before;
        return;
      }
      const problem = this.#problem;
      this.#unlockKey = before;
      await this.#load();
      throw problem;
    });
  }

  /** Seals the key with this from now on; with nothing when it is empty. */
  seal(text: string): Promise<void> {
    return this.#next(async () => {
      const from = this.#unlockKey;
      if (from === text && (this.#stored === undefined || this.#stored.sealed === (text !== ''))) return;
      if (this.#stored !== undefined) {
        await resealIdentity(this.#directory, { from: this.#stored.sealed ? from : undefined, to: text === '' ? undefined : text });
      }
      this.#unlockKey = text;
      await this.#load();
    });
  }

  /** Nothing of it is left, in memory neither. */
  erase(): Promise<void> {
    return this.#next(async () => {
      await rm(this.#directory, { recursive: true, force: true });
      this.#unlockKey = '';
      await this.#load();
    });
  }

  get #joinFile(): string {
    return join(this.#directory, 'joining.json');
  }

  /** What is in use changes in one step: whoever connects meanwhile does so by the one or the other. */
  async #load(): Promise<void> {
    try {
      const stored = await readIdentity(this.#directory);
      const options = this.#unlockKey === '' ? {} : { passphrase: this.#unlockKey };
      this.#stored = stored;
      this.#material =
        stored === undefined ? undefined : await loadTls(await currentIdentityFiles(this.#directory), this.#ports.clock.now(), options);
      this.#problem = undefined;
    } catch (error) {
      this.#material = undefined;
      this.#problem = error instanceof TsoError ? error : new TsoError('INTERNAL', sentenceOf(error), { cause: error });
      if (!this.isLocked) this.#ports.logger.error({ error: sentenceOf(error) }, "this node's certificate cannot be used");
    }
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
