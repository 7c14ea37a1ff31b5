import { sentenceOf } from '@tso/proto';
import { eventually } from '../lab/support/eventually.ts';
import { seededNumbers } from '../linearizability/generated-history.ts';
import type { History } from './history.ts';
import { failureOf, type Held, isExpected, RegisterClient } from './register.ts';

export interface ClientsOptions {
  readonly count: number;
  /** Members as they are now; each client has a home among them, and asks another one after a failure. */
  readonly targets: () => readonly string[];
  readonly seed: number;
  /** Longer than any pause of a member, so that what was asked before it is answered after it. */
  readonly deadlineMs?: number;
  /** The longest rest of a client between two operations. @default 4 */
  readonly pauseMs?: number;
}

/** Keys in use at a time, and operations after which one gives way to a fresh one: the checker's work grows with a key's history. */
const keysAtATime = 4;
const operationsPerKey = 150;
const finalReadMs = 15_000;

/** Clients that read, write and compare-and-set, and say to the history what they asked and were told. */
export class Clients {
  /** What no manager should have answered, whatever was done to it. */
  readonly unexpected: string[] = [];
  readonly #history: History;
  readonly #options: ClientsOptions;
  readonly #random: () => number;
  readonly #uses: number[] = [];
  #succeeded = 0;
  #written = 0;
  #ended = false;
  #running: readonly Promise<void>[] = [];

  constructor(history: History, options: ClientsOptions) {
    this.#history = history;
    this.#options = options;
    this.#random = seededNumbers(options.seed);
  }

  start(): this {
    this.#running = Array.from({ length: this.#options.count }, (_, index) => this.#loop(index));
    return this;
  }

  /** Operations that were answered with success. */
  get succeeded(): number {
    return this.#succeeded;
  }

  /** Keys that are written just now. */
  get keysInUse(): readonly string[] {
    return this.#uses.map((uses, slot) => keyOf(slot, uses));
  }

  /** Resolves once so many more operations have succeeded. */
  async progress(operations: number, when: string, deadlineMs?: number): Promise<void> {
    const goal = this.#succeeded + operations;
    await eventually(`${operations} operations succeed ${when}`, () => this.#succeeded >= goal, deadlineMs);
  }

  /** Resolves when nobody waits for an answer any more. */
  async stop(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#running);
  }

  /** Reads every key at every one of the members. */
  async readAll(targets: readonly string[]): Promise<void> {
    await Promise.all(
      targets.map(async (target) => {
        const client = new RegisterClient(target);
        const process = this.#history.newProcess();
        try {
          for (const key of this.#history.keys) {
            const invocation = { process, f: 'read', key, value: null } as const;
            this.#history.invoke(invocation);
            this.#history.answer(invocation, 'ok', (await client.read(key, finalReadMs)).value);
          }
        } finally {
          client.close();
        }
      }),
    );
  }

  async #loop(index: number): Promise<void> {
    const worker = new Worker(index, this.#history.newProcess(), this.#options.targets);
    try {
      while (!this.#ended) await this.#once(worker);
    } finally {
      worker.close();
    }
  }

  async #once(worker: Worker): Promise<void> {
    const client = worker.client();
    const key = this.#key();
    const chance = this.#random();
    const known = worker.known.get(key);
    const invocation =
      chance < 0.4
        ? ({ process: worker.process, f: 'read', key, value: null } as const)
        : chance < 0.7 || known === undefined
          ? ({ process: worker.process, f: 'write', key, value: this.#value() } as const)
          : ({ process: worker.process, f: 'cas', key, value: [known.value, this.#value()] } as const);
    this.#history.invoke(invocation);
    try {
      const held = await this.#perform(client, invocation, known);
      this.#history.answer(invocation, 'ok', invocation.f === 'read' ? held.value : invocation.value);
      worker.known.set(key, held);
      this.#succeeded += 1;
      worker.pleased();
    } catch (error) {
      if (!isExpected(error)) this.unexpected.push(`${invocation.f} at ${client.target}: ${sentenceOf(error)}`);
      const failure = failureOf(error);
      const certain = failure !== 'unknown' || invocation.f === 'read';
      this.#history.answer(invocation, certain ? 'fail' : 'info');
      worker.known.delete(key);
      if (!certain) worker.process = this.#history.newProcess();
      if (failure !== 'conflict') await worker.disappointed();
    }
    await pause(this.#random() * (this.#options.pauseMs ?? restMs));
  }

  async #perform(
    client: RegisterClient,
    invocation: { readonly f: string; readonly key: string; readonly value: string | readonly (string | null)[] | null },
    known: Held | undefined,
  ): Promise<Held> {
    const { key, value } = invocation;
    const deadlineMs = this.#options.deadlineMs ?? 5_000;
    if (value === null) return client.read(key, deadlineMs);
    const to = typeof value === 'string' ? value : (value[1] ?? '');
    const version = await client.write(key, to, deadlineMs, invocation.f === 'cas' ? known?.version : undefined);
    return { value: to, version };
  }

  #value(): string {
    this.#written += 1;
    return `v${this.#written}`;
  }

  #key(): string {
    const slot = Math.floor(this.#random() * keysAtATime);
    const uses = (this.#uses[slot] ?? 0) + 1;
    this.#uses[slot] = uses;
    return keyOf(slot, uses);
  }
}

const keyOf = (slot: number, uses: number): string => `r${slot}.${Math.floor(uses / operationsPerKey)}`;

const restMs = 4;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One client: who it is to the history, where it is connected, what it knows. */
class Worker {
  process: number;
  readonly known = new Map<string, Held>();
  readonly #targets: () => readonly string[];
  readonly #home: number;
  #away = 0;
  #successes = 0;
  #client: RegisterClient | undefined;

  constructor(home: number, process: number, targets: () => readonly string[]) {
    this.#home = home;
    this.process = process;
    this.#targets = targets;
  }

  client(): RegisterClient {
    const targets = this.#targets();
    const target = targets[(this.#home + this.#away) % targets.length] ?? '';
    if (this.#client?.target === target) return this.#client;
    this.#client?.close();
    this.#client = new RegisterClient(target);
    return this.#client;
  }

  /** After a while it goes home again. */
  pleased(): void {
    this.#successes += 1;
    if (this.#away > 0 && this.#successes % 40 === 0) this.#away = 0;
  }

  async disappointed(): Promise<void> {
    this.#away += 1;
    await pause(20);
  }

  close(): void {
    this.#client?.close();
  }
}
