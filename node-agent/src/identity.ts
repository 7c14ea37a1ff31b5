import { join } from 'node:path';
import { newId, type Random, sentenceOf, TsoError } from '@tso/proto';
import { makePrivateDir, readJson, writeDurably } from './durable-file.ts';
import type { AgentPaths } from './paths.ts';

/** Which cluster this node is part of, and what it was told at its start. */
export interface Membership {
  readonly addressPool: string;
  readonly firstVni: number;
  readonly vxlanPort: number;
}

export interface Identity {
  readonly nodeId: string;
  /** undefined: not part of a cluster yet. */
  readonly membership: Membership | undefined;
}

const isIdentity = ({ nodeId, membership }: Partial<Identity>): boolean =>
  typeof nodeId === 'string' &&
  nodeId !== '' &&
  (membership === undefined ||
    (typeof membership.addressPool === 'string' && typeof membership.firstVni === 'number' && typeof membership.vxlanPort === 'number'));

/** Who this node is; made once, kept in the data directory. */
export class IdentityFile {
  readonly #paths: AgentPaths;
  readonly #random: Random;
  #identity: Identity | undefined;

  constructor(options: { readonly paths: AgentPaths }, ports: { readonly random: Random }) {
    this.#paths = options.paths;
    this.#random = ports.random;
  }

  async start(): Promise<Identity> {
    await makePrivateDir(this.#paths.dataDir);
    const known = await this.#read();
    this.#identity = known ?? { nodeId: newId((count) => this.#random.bytes(count)), membership: undefined };
    if (known === undefined) await this.#save(this.#identity);
    return this.#identity;
  }

  async join(membership: Membership): Promise<Identity> {
    const identity = { nodeId: this.current.nodeId, membership };
    await this.#save(identity);
    this.#identity = identity;
    return identity;
  }

  get current(): Identity {
    if (this.#identity === undefined) throw new Error('the identity is read before start()');
    return this.#identity;
  }

  /** DATA_LOSS: the file is not what was written; whoever guessed at it would join another cluster, or none. */
  async #read(): Promise<Identity | undefined> {
    const hint = 'Restore it from a backup, or remove the data directory to begin anew as another node';
    let known: Identity | undefined;
    try {
      known = await readJson<Identity>(this.#path());
    } catch (error) {
      throw new TsoError('DATA_LOSS', sentenceOf(error), { hint, cause: error });
    }
    if (known === undefined || isIdentity(known)) return known;
    throw new TsoError('DATA_LOSS', `the file ${this.#path()} is damaged: it names no node`, { hint });
  }

  async #save(identity: Identity): Promise<void> {
    await writeDurably(this.#path(), JSON.stringify(identity));
  }

  #path(): string {
    return join(this.#paths.dataDir, 'node.json');
  }
}
