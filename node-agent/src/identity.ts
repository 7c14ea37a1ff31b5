import { join } from 'node:path';
import { newId, type Random } from '@tso/proto';
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
    const known = await readJson<Identity>(this.#path());
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

  async #save(identity: Identity): Promise<void> {
    await writeDurably(this.#path(), JSON.stringify(identity));
  }

  #path(): string {
    return join(this.#paths.dataDir, 'node.json');
  }
}
