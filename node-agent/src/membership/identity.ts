import { join } from 'node:path';
import { newId, present, type Random, sentenceOf, TsoError } from '@tso/proto';
import { makePrivateDir, readJson, writeDurably } from '../durable-file.ts';
import type { AgentPaths } from '../paths.ts';
import type { NodeKind } from './role-steps.ts';

/** Which cluster this node is part of, what it was told at its start, and what it is to become. */
export interface Membership {
  /** Empty until a manager said it. */
  readonly clusterId: string;
  /** What the cluster wishes this node to be. */
  readonly role: NodeKind;
  /** Its manager left the group; see `RoleFacts.retired`. */
  readonly retired: boolean;
  /** Its manager begins the cluster rather than joining a group that is there. */
  readonly founder: boolean;
  readonly addressPool: string;
  readonly firstVni: number;
  readonly vxlanPort: number;
  readonly subnetPrefix: number;
  /** Where a manager of this node listens (host:port); empty: it has no door to the network. */
  readonly listenAddr: string;
  /** What other nodes are told of it (address:port); empty: nothing. */
  readonly advertiseAddr: string;
  /** It is being cleaned, which goes on after a crash. */
  readonly leaving: boolean;
}

export interface Identity {
  readonly nodeId: string;
  /** undefined: not part of a cluster. */
  readonly membership: Membership | undefined;
}

/** What releases before the cluster of many hosts did not write: a cluster of one, begun here. */
const before = {
  clusterId: '',
  role: 'manager',
  retired: false,
  founder: true,
  subnetPrefix: 24,
  listenAddr: '',
  advertiseAddr: '',
  leaving: false,
} as const satisfies Partial<Membership>;

const kinds: Readonly<Record<keyof Membership, 'string' | 'number' | 'boolean'>> = {
  clusterId: 'string',
  role: 'string',
  retired: 'boolean',
  founder: 'boolean',
  addressPool: 'string',
  firstVni: 'number',
  vxlanPort: 'number',
  subnetPrefix: 'number',
  listenAddr: 'string',
  advertiseAddr: 'string',
  leaving: 'boolean',
};

const isMembership = (membership: Partial<Membership>): membership is Membership =>
  Object.entries(kinds).every(([name, kind]) => typeof membership[name as keyof Membership] === kind) &&
  (membership.role === 'worker' || membership.role === 'manager');

/** What was stored, with the parts that an earlier release did not know; undefined when it is not that. */
const understood = (stored: Partial<Identity>): Identity | undefined => {
  const { nodeId } = stored;
  if (typeof nodeId !== 'string' || nodeId === '') return undefined;
  if (stored.membership === undefined) return { nodeId, membership: undefined };
  const membership: Partial<Membership> = { ...before, ...stored.membership };
  return isMembership(membership) ? { nodeId, membership } : undefined;
};

/** Who this node is, and which cluster it is part of: `node.json` in the data directory. */
export class IdentityFile {
  readonly #paths: AgentPaths;
  readonly #random: Random;
  #identity: Identity | undefined;
  /** Changes come one after the other: each builds on the one before. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: { readonly paths: AgentPaths }, ports: { readonly random: Random }) {
    this.#paths = options.paths;
    this.#random = ports.random;
  }

  async start(): Promise<Identity> {
    await makePrivateDir(this.#paths.dataDir);
    const known = await this.#read();
    this.#identity = known ?? this.#newNode();
    if (known === undefined) await this.#save(this.#identity);
    return this.#identity;
  }

  get current(): Identity {
    if (this.#identity === undefined) throw new Error('the identity is read before start()');
    return this.#identity;
  }

  /** Durable before it counts, as all changes here. */
  join(membership: Membership): Promise<void> {
    return this.#become(({ nodeId }) => ({ nodeId, membership }));
  }

  /** Changes parts of the membership. FAILED_PRECONDITION: there is none. */
  async change(change: Partial<Membership>): Promise<Membership> {
    let changed: Membership | undefined;
    await this.#become((identity) => {
      const { nodeId, membership } = identity;
      if (membership === undefined) throw new TsoError('FAILED_PRECONDITION', 'this node is not part of a cluster');
      changed = { ...membership, ...change };
      const isNew = Object.entries(change).some(([name, value]) => membership[name as keyof Membership] !== value);
      return isNew ? { nodeId, membership: changed } : identity;
    });
    return present(changed, 'the membership just changed');
  }

  /** Part of no cluster after all: none that counts has heard of it. */
  abandon(): Promise<void> {
    return this.#become(({ nodeId }) => ({ nodeId, membership: undefined }));
  }

  /** Part of no cluster any more; what it was known as there is never used again. */
  leave(): Promise<void> {
    return this.#become(() => this.#newNode());
  }

  #newNode(): Identity {
    return { nodeId: newId((count) => this.#random.bytes(count)), membership: undefined };
  }

  #become(change: (identity: Identity) => Identity): Promise<void> {
    const turn = this.#turn.then(async () => {
      const identity = change(this.current);
      if (identity === this.current) return;
      await this.#save(identity);
      this.#identity = identity;
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** DATA_LOSS: the file is not what was written; whoever guessed at it would join another cluster, or none. */
  async #read(): Promise<Identity | undefined> {
    const hint = 'Restore it from a copy, or remove this one file to begin anew as another node; images and volumes stay';
    let stored: Partial<Identity> | undefined;
    try {
      stored = await readJson<Partial<Identity>>(this.#path());
    } catch (error) {
      throw new TsoError('DATA_LOSS', sentenceOf(error), { hint, cause: error });
    }
    if (stored === undefined) return undefined;
    const known = understood(stored);
    if (known !== undefined) return known;
    throw new TsoError('DATA_LOSS', `the file ${this.#path()} is damaged: it names no node`, { hint });
  }

  async #save(identity: Identity): Promise<void> {
    await writeDurably(this.#path(), JSON.stringify(identity));
  }

  #path(): string {
    return join(this.#paths.dataDir, 'node.json');
  }
}
