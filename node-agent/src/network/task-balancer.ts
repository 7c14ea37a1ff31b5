import { type Logger, type NetworkAssignment, sentenceOf } from '@tso/proto';
import { inParallel } from '../image/in-parallel.ts';
import {
  type Balance,
  type BalancedNetwork,
  type Balances,
  balanceChanges,
  balancedNetwork,
  balanceFor,
  sameService,
} from './task-balance.ts';
import type { Attachment } from './task-interfaces.ts';
import type { AttachedTask } from './task-plan.ts';

export interface TaskBalancerPorts {
  readonly logger: Logger;
  readonly tasks: () => readonly AttachedTask[];
  /** Runs the work when nothing else is done to the task's namespace; not at all when it has none any more. */
  readonly inside: (taskId: string, work: (task: AttachedTask, namespaceFile: string) => Promise<void>) => Promise<void>;
  /** Loads rules in a namespace, as one transaction. */
  readonly load: (namespaceFile: string, rules: string) => Promise<void>;
  /** Puts all rules of a namespace in place of what is there. */
  readonly replace: (task: AttachedTask, namespaceFile: string) => Promise<void>;
}

/** Namespaces that are told of a change at the same time: each takes a process of some milliseconds. */
const parallelNamespaces = 4;

interface Held {
  /** What the namespace has; undefined: not known, all of it is to be put there. */
  known: Balances | undefined;
  /** A run that has not begun yet will see whatever is told now. */
  waiting: Promise<void> | undefined;
}

/** Keeps the maps of virtual addresses in every namespace of this host as the networks' members say. */
export class TaskBalancer {
  readonly #ports: TaskBalancerPorts;
  readonly #networks = new Map<string, BalancedNetwork>();
  readonly #held = new Map<string, Held>();

  constructor(ports: TaskBalancerPorts) {
    this.#ports = ports;
  }

  /** The whole wish. Resolves once every namespace follows, or could not. A network that is no longer told of stays as it was to those still on it. */
  async setNetworks(networks: readonly NetworkAssignment[]): Promise<void> {
    const changed = new Set(networks.filter((network) => this.#put(network)).map(({ id }) => id));
    await this.#tell(
      (task) => this.#held.get(task.taskId)?.known === undefined || task.attachments.some(({ networkId }) => changed.has(networkId)),
    );
    const used = new Set([
      ...networks.map(({ id }) => id),
      ...this.#ports.tasks().flatMap((task) => task.attachments.map(({ networkId }) => networkId)),
    ]);
    for (const id of this.#networks.keys()) if (!used.has(id)) this.#networks.delete(id);
  }

  /** The same for one network: only the namespaces on it, and there only what differs. */
  async setMembers(network: NetworkAssignment): Promise<void> {
    if (this.#put(network)) await this.#tell((task) => task.attachments.some(({ networkId }) => networkId === network.id));
  }

  /** What a namespace that is made (again) is to have; it counts as having it. */
  balances(task: AttachedTask): Balances {
    const held = this.#heldOf(task.taskId);
    const wished = this.#wished(task.attachments, held.known);
    this.#held.set(task.taskId, { ...held, known: wished });
    return wished;
  }

  /** Whether what it counts as having is what it is to have. */
  known(taskId: string): Balances | undefined {
    return this.#held.get(taskId)?.known;
  }

  /** The namespace is gone, or what it has is not known. */
  forget(taskId: string): void {
    this.#held.delete(taskId);
  }

  #put(network: NetworkAssignment): boolean {
    const before = this.#networks.get(network.id);
    const after = balancedNetwork(network);
    this.#networks.set(network.id, after);
    if (before === undefined) return after.size > 0;
    return before.size !== after.size || [...after].some(([chain, service]) => !sameService(before.get(chain), service));
  }

  #heldOf(taskId: string): Held {
    return this.#held.get(taskId) ?? { known: undefined, waiting: undefined };
  }

  #wished(attachments: readonly Attachment[], before: Balances | undefined): Balances {
    const wished = new Map<string, Balance>();
    for (const attachment of attachments) {
      for (const [chain, service] of this.#networks.get(attachment.networkId) ?? []) {
        wished.set(chain, balanceFor(attachment, service, before?.get(chain)));
      }
    }
    return wished;
  }

  #tell(isConcerned: (task: AttachedTask) => boolean): Promise<void> {
    const concerned = this.#ports.tasks().filter((task) => task.attachments.length > 0 && isConcerned(task));
    return inParallel(concerned, parallelNamespaces, undefined, (task) => this.#request(task.taskId));
  }

  /** Changes that come while one is under way in a namespace are told it together. */
  #request(taskId: string): Promise<void> {
    const held = this.#heldOf(taskId);
    if (held.waiting !== undefined) return held.waiting;
    const waiting = this.#ports.inside(taskId, (task, file) => {
      this.#held.set(taskId, { ...this.#heldOf(taskId), waiting: undefined });
      return this.update(task, file);
    });
    this.#held.set(taskId, { ...held, waiting });
    return waiting;
  }

  /** Makes a namespace follow what is told now. Whoever calls sees to it that nothing else is done to it. Never rejects: what fails is logged. */
  async update(task: AttachedTask, file: string): Promise<void> {
    const before = this.known(task.taskId);
    try {
      if (before === undefined || !(await this.#patched(task, file, before))) await this.#ports.replace(task, file);
    } catch (error) {
      this.forget(task.taskId);
      this.#ports.logger.error(
        { taskId: task.taskId, error: sentenceOf(error) },
        'the maps of virtual addresses of a task could not be set; tries again when it is looked at',
      );
    }
  }

  /** Whether the namespace took what differs; of a refused change nothing is there, since it is one transaction. */
  async #patched(task: AttachedTask, file: string, before: Balances): Promise<boolean> {
    const after = this.#wished(task.attachments, before);
    const changes = balanceChanges(before, after);
    try {
      if (changes !== '') await this.#ports.load(file, changes);
      this.#held.set(task.taskId, { ...this.#heldOf(task.taskId), known: after });
      return true;
    } catch {
      // Somebody changed what is there: the whole sets it right, or says why not.
      return false;
    }
  }
}
