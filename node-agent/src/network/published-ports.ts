import { type Clock, type IngressPort, type Logger, portTrouble, sentenceOf, type TsoError } from '@tso/proto';
import { Latest } from '../latest.ts';
import { type Claim, claimOf, ingressClaim } from './claims.ts';
import { type AddressHere, ingressRenderer } from './ingress-rules.ts';
import { canLoad } from './nft.ts';
import { emptyPortTable, isEmptyPortTable, mergedPortTable, type PortTable, portTablePatch } from './port-table.ts';
import { HeldPorts } from './ports.ts';
import { publishRules } from './publish.ts';
import type { PublishedPort } from './types.ts';
import { udpFlowProbe } from './udp-flows.ts';

/** How long a port that a program of the host has is left alone before it is tried again. */
const retryMs = 5_000;

export interface PublishedPortsOptions {
  /** nftables table that has the ports. */
  readonly table: string;
  /** Read whenever it is needed: a node that leaves its cluster becomes another. */
  readonly nodeId: string;
}

export interface PublishedPortsPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Brings what changed of the ports into the kernel. */
  readonly applyPorts: () => Promise<void>;
  /** Where a task is reached from this host: on a network that its answers can leave by. */
  readonly reachable: (port: PublishedPort) => PublishedPort;
  /** Where a task of this host is asked for a port that every node answers on. */
  readonly addressHere: AddressHere;
  /** `troubles` are others than before. */
  readonly onTroubles: () => void;
}

/**
 * What is published on this host: ports in host mode of its own tasks, and those that every node answers on. A port in the way of which a program of
 * the host stands stays that program's on this node: it is neither translated nor refused here, told in `troubles`, and tried again.
 */
export class PublishedPorts {
  readonly #options: PublishedPortsOptions;
  readonly #ports: PublishedPortsPorts;
  readonly #held = new HeldPorts();
  readonly #rulesOf = ingressRenderer();
  readonly #settling = new Latest(() => this.#settle());
  #published: readonly PublishedPort[] = [];
  #ingress: readonly IngressPort[] = [];
  /** Why ports of `#ingress` are not answered here, by key. */
  #failures: ReadonlyMap<string, TsoError> = new Map();
  #troubles: readonly string[] = [];
  /** What the kernel was told last. */
  #told: PortTable = emptyPortTable;
  #cancelRetry: () => void = () => undefined;
  #stopped = false;
  #movesFlows = false;

  constructor(options: PublishedPortsOptions, ports: PublishedPortsPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  /** Asks the kernel what it can. */
  async start(): Promise<void> {
    this.#movesFlows = await canLoad(udpFlowProbe());
  }

  /** Whether rules move UDP flows of a task that has ended to another. */
  get movesFlows(): boolean {
    return this.#movesFlows;
  }

  /** Ports that are not answered here, a sentence each with who has it; sorted. */
  get troubles(): readonly string[] {
    return this.#troubles;
  }

  /** Whether nothing is published. */
  get idle(): boolean {
    return this.#published.length === 0 && this.#ingress.length === 0;
  }

  /** The parts of the host's table; taken as told to the kernel. */
  whole(): PortTable {
    this.#told = this.#table();
    return this.#told;
  }

  /** What changed since the last `whole` or `patch`, for `nft -f`; undefined: the table comes or goes, so the whole is needed. */
  patch(): string | undefined {
    const before = this.#told;
    const after = this.whole();
    if (isEmptyPortTable(before) !== isEmptyPortTable(after)) return undefined;
    const lines = portTablePatch(this.#options.table, before, after);
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }

  /** Holds the ports of a task that is about to begin; CONFLICT names who has one. */
  reserve(ports: readonly PublishedPort[]): Promise<void> {
    return this.#held.reserve(ports.map(claimOf));
  }

  /** The whole wish in host mode. A port that cannot be held is logged: its task has begun, and its rules work all the same. */
  async publish(ports: readonly PublishedPort[]): Promise<void> {
    this.#published = ports;
    await this.#settling.request();
  }

  /** The whole wish of ports that every node answers on. */
  async setIngress(ports: readonly IngressPort[]): Promise<void> {
    this.#ingress = ports;
    await this.#settling.request();
  }

  /** Forgets what tasks reserved and never published. */
  forget(taskIds: (taskId: string) => boolean): Promise<void> {
    return this.#held.forget(taskIds, this.#claims());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelRetry();
    await this.#held.releaseAll();
  }

  #claims(): readonly Claim[] {
    return [...this.#published.map(claimOf), ...this.#ingress.map(ingressClaim)];
  }

  #table(): PortTable {
    const answered = this.#ingress.filter((port) => !this.#failures.has(ingressClaim(port).key));
    return mergedPortTable(
      publishRules(this.#published.map(this.#ports.reachable)),
      this.#rulesOf(answered, this.#options.nodeId, this.#ports.addressHere),
    );
  }

  /** Sockets first: what a program has is not to be taken from it even for a moment. */
  async #settle(): Promise<void> {
    const failures = await this.#held.keep(this.#claims());
    const own = new Map(this.#published.map((port) => [claimOf(port).key, port.taskId]));
    for (const [key, error] of failures) {
      const taskId = own.get(key);
      if (taskId !== undefined) this.#ports.logger.warn({ taskId, error: sentenceOf(error) }, 'a published port could not be held');
    }
    this.#failures = new Map([...failures].filter(([key]) => !own.has(key)));
    this.#tell();
    try {
      await this.#ports.applyPorts();
    } catch (error) {
      this.#tryAgainLater();
      throw error;
    }
  }

  #tell(): void {
    const before = new Set(this.#troubles);
    const told = this.#ingress.map((port) => [ingressClaim(port), this.#failures.get(ingressClaim(port).key)] as const);
    this.#troubles = told
      // An address that another node has is answered there: nothing is wrong here.
      .filter(([, error]) => error !== undefined && error.details.missingAddress === undefined)
      .map(([claim, error]) => portTrouble(claim.serviceName, sentenceOf(error)))
      .toSorted();
    for (const trouble of this.#troubles) if (!before.has(trouble)) this.#ports.logger.warn({}, trouble);
    if (before.size !== this.#troubles.length || this.#troubles.some((trouble) => !before.has(trouble))) this.#ports.onTroubles();
    this.#cancelRetry();
    if (this.#failures.size > 0) this.#tryAgainLater();
  }

  #tryAgainLater(): void {
    this.#cancelRetry();
    if (!this.#stopped) this.#cancelRetry = this.#ports.clock.setTimer(retryMs, () => void this.#retry());
  }

  async #retry(): Promise<void> {
    try {
      await this.#settling.request();
    } catch (error) {
      this.#ports.logger.error({ error: sentenceOf(error) }, 'the published ports could not be set; tries again');
    }
  }
}
