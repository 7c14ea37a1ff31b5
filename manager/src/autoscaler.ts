import { type Clock, type Lifecycle, type Logger, type Service, sentenceOf, TaskState, TsoError } from '@tso/proto';
import type { UsageBook } from './dispatcher/usage-book.ts';
import { expectationsOf } from './replication/expectations.ts';
import type { Proposer } from './replication/proposer.ts';
import { type AutoscaleMemory, autoscale, freshAutoscaleMemory, isAutoscaled } from './rules/autoscale.ts';
import { wishedTasks } from './rules/autoscale-load.ts';
import type { View } from './store/view.ts';

export interface AutoscalerPorts {
  /** Writes in this leadership alone. */
  readonly proposer: Proposer;
  readonly usage: Pick<UsageBook, 'want' | 'figures'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often it looks. */
const lookMs = 5_000;
/** With very many services heartbeats and statuses come in between. */
const sliceMs = 10;

/** The running tasks of those services, by node. */
const toMeasure = (view: View, services: readonly Service[]): ReadonlyMap<string, readonly string[]> => {
  const byNode = new Map<string, string[]>();
  for (const service of services) {
    if (service.stopped) continue;
    for (const { id, nodeId, status } of wishedTasks(view.tasksOfService(service.id))) {
      if (status.state !== TaskState.RUNNING) continue;
      const ids = byNode.get(nodeId);
      if (ids === undefined) byNode.set(nodeId, [id]);
      else ids.push(id);
    }
  }
  return byNode;
};

/**
 * While this manager leads: services that ask for it get more or fewer tasks as their load asks for (rules/autoscale.ts). What it knows of loads
 * is gone with its leadership; the number that was come to is in the store.
 */
export class Autoscaler implements Lifecycle {
  readonly #ports: AutoscalerPorts;
  readonly #ended = new AbortController();
  #memories: ReadonlyMap<string, AutoscaleMemory> = new Map();
  #looking: Promise<void> | undefined;
  #cancelTimer: () => void = () => undefined;

  constructor(ports: AutoscalerPorts) {
    this.#ports = ports;
  }

  async start(): Promise<void> {
    if (this.#looking === undefined && !this.#ended.signal.aborted) this.#lookOnce();
  }

  /** A number that is being written may still come to stand in the log or not: the next leader goes on with it either way. */
  async stop(): Promise<void> {
    this.#ended.abort();
    this.#cancelTimer();
    await this.#looking;
  }

  #lookOnce(): void {
    this.#looking = this.#look()
      .catch((error: unknown) =>
        this.#ports.logger.error({ error: sentenceOf(error) }, 'the loads of services could not be looked at; looks again'),
      )
      .finally(() => {
        if (!this.#ended.signal.aborted) this.#cancelTimer = this.#ports.clock.setTimer(lookMs, () => this.#lookOnce());
      });
  }

  async #look(): Promise<void> {
    const { proposer, usage, clock } = this.#ports;
    const services = proposer.view.services().filter(isAutoscaled);
    usage.want(toMeasure(proposer.view, services));
    const memories = new Map<string, AutoscaleMemory>();
    let sliceBegan = clock.monotonic();
    for (const { id } of services) {
      if (clock.monotonic() - sliceBegan >= sliceMs) {
        await new Promise<void>((resolve) => clock.setTimer(0, resolve));
        sliceBegan = clock.monotonic();
      }
      const memory = await this.#see(id);
      if (memory !== undefined) memories.set(id, memory);
      if (this.#ended.signal.aborted) return;
    }
    this.#memories = memories;
  }

  /** What is to be remembered of it; undefined: it is not there any more. */
  async #see(id: string): Promise<AutoscaleMemory | undefined> {
    const { proposer, usage, clock } = this.#ports;
    // Read anew: the writes for others took their time.
    const service = proposer.view.service(id);
    if (service === undefined || !isAutoscaled(service)) return undefined;
    const now = clock.now();
    const before = this.#memories.get(id) ?? freshAutoscaleMemory(now);
    const tasks = proposer.view.tasksOfService(id);
    const verdict = autoscale({ service, tasks, now, memory: before, figuresOf: (taskId, sinceMs) => usage.figures(taskId, sinceMs, now) });
    if (verdict.status === undefined) return verdict.memory;
    return (await this.#write({ ...service, autoscale: verdict.status })) ? verdict.memory : before;
  }

  /** false: it was changed meanwhile, or nobody leads; the next look sees. */
  async #write(service: Service): Promise<boolean> {
    const { proposer, clock, logger } = this.#ports;
    const fields = { stack: service.stack, service: service.spec.name, replicas: service.autoscale?.replicas };
    const actions = [{ putService: service }];
    try {
      await proposer.propose({ actions, expect: expectationsOf(proposer.view, actions), atMs: clock.now(), origin: 'autoscaler' });
      logger.info(fields, service.autoscale?.message ?? '');
      return true;
    } catch (error) {
      if (!(error instanceof TsoError)) throw error;
      logger.debug({ ...fields, code: error.code }, 'a number of tasks could not be written; looks again');
      return false;
    }
  }
}
