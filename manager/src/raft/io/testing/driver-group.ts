import type { Clock, Logger, TsoError } from '@tso/proto';
import { type ConfState, emptyConfState, type Message, type NodeId } from '../../core/index.ts';
import { RaftDriver } from '../driver.ts';
import { type DriverOptions, defaultDriverOptions } from '../driver-options.ts';
import { failure } from '../outcome.ts';
import type { Chunks, StateMachine } from '../ports.ts';
import { MemoryDisk } from './memory-disk.ts';

const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => silent };

/** Remembers every command as text; a command `fail…` has the outcome `refused`. */
class TextMachine implements StateMachine<string> {
  lines: string[] = [];
  index = 0;

  apply(index: number, command: Uint8Array): string {
    this.index = index;
    const text = Buffer.from(command).toString();
    this.lines.push(text);
    return `did ${text}`;
  }
  skip(index: number): void {
    this.index = index;
  }
  capture(): Chunks {
    const text = JSON.stringify(this.lines);
    return (async function* () {
      yield Buffer.from(text);
    })();
  }
  async restore(index: number, contents: Chunks): Promise<void> {
    let text = '';
    for await (const part of contents) text += Buffer.from(part).toString();
    this.lines = text === '' ? [] : (JSON.parse(text) as string[]);
    this.index = index;
  }
}

/** Time that passes only when the test says so. */
class HandClock implements Clock {
  #now = 0;
  #timers: { readonly at: number; readonly callback: () => void }[] = [];
  now(): number {
    return this.#now;
  }
  monotonic(): number {
    return this.#now;
  }
  setTimer(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((it) => it !== timer);
    };
  }
  pass(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { callback } of due) callback();
  }
}

export interface Member {
  readonly id: NodeId;
  readonly driver: RaftDriver<string>;
  readonly disk: MemoryDisk;
  readonly machine: TextMachine;
  readonly broken: TsoError[];
}

const confStateOf = (voters: readonly NodeId[]): ConfState => ({ ...emptyConfState, voters });

/** Drivers joined by a network in memory, on a clock of their own: a test moves time, and waits for conditions. */
export class DriverGroup {
  readonly members = new Map<NodeId, Member>();
  readonly clock = new HandClock();
  /** Messages that do not arrive. */
  cut: (from: NodeId, to: NodeId) => boolean = () => false;
  /** Commands handed to it are never answered, as by a host that vanished. */
  swallows: NodeId | undefined;
  readonly #options: Partial<DriverOptions>;
  #seed = 1;

  constructor(options: Partial<DriverOptions> = {}) {
    this.#options = options;
  }

  async start(ids: readonly NodeId[]): Promise<void> {
    for (const id of ids) await this.add(id, MemoryDisk.ofFirst(confStateOf(ids)));
  }

  async add(id: NodeId, disk: MemoryDisk): Promise<Member> {
    const machine = new TextMachine();
    const broken: TsoError[] = [];
    const driver = new RaftDriver<string>(
      { ...defaultDriverOptions, raftId: id, ...this.#options },
      {
        disk,
        machine,
        clock: this.clock,
        random: { bytes: (count) => new Uint8Array(count).fill(id), number: () => this.#random() },
        logger: silent,
        soon: (work) => setImmediate(work),
        onBroken: (error) => broken.push(error),
        transport: {
          send: (messages) => {
            for (const m of messages) this.#deliver(m);
          },
          forward: async (to, command) => {
            const other = this.members.get(to);
            if (to === this.swallows) return new Promise(() => undefined);
            if (other === undefined || this.cut(id, to)) throw failure('refused', 'UNAVAILABLE', `manager ${to} cannot be reached`);
            return other.driver.command(command, 'here');
          },
        },
      },
    );
    const member = { id, driver, disk, machine, broken };
    this.members.set(id, member);
    await driver.start();
    return member;
  }

  member(id: NodeId): Member {
    const found = this.members.get(id);
    if (found === undefined) throw new Error(`there is no member ${id}`);
    return found;
  }

  get leader(): Member | undefined {
    return [...this.members.values()].find(({ driver }) => driver.role === 'leader');
  }

  /** Lets time pass until the condition holds. */
  async until(condition: () => boolean, what: string): Promise<void> {
    for (let round = 0; round < 2_000; round += 1) {
      if (condition()) return;
      if (round % 4 === 3) this.clock.pass(this.#options.tickMs ?? defaultDriverOptions.tickMs);
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`it did not come about within 500 ticks that ${what}`);
  }

  /** Resolves as the work does, letting time pass meanwhile. */
  async during<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    const done = (): void => {
      settled = true;
    };
    work.then(done, done);
    await this.until(() => settled, 'the work was done');
    return work;
  }

  async stop(): Promise<void> {
    this.cut = () => true;
    for (const { driver } of this.members.values()) await this.during(driver.end());
  }

  #deliver(m: Message): void {
    const sender = this.members.get(m.from);
    setImmediate(() => {
      const receiver = this.members.get(m.to);
      if (receiver === undefined || sender === undefined) return;
      if (this.cut(m.from, m.to)) {
        sender.driver.unreachable(m.to);
        if (m.type === 'MsgSnap') sender.driver.snapshotSent(m.to, 'failed');
        return;
      }
      if (m.type !== 'MsgSnap' || m.snapshot === undefined) receiver.driver.receive(m);
      else void this.#transfer(sender, receiver, m, m.snapshot.index);
    });
  }

  async #transfer(sender: Member, receiver: Member, m: Message, index: number): Promise<void> {
    const { meta, contents } = await sender.disk.openSnapshot(index);
    await receiver.disk.receiveSnapshot(meta, contents);
    receiver.driver.receive(m);
    sender.driver.snapshotSent(m.to, 'finished');
  }

  #random(): number {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;
    return this.#seed / 2_147_483_647;
  }
}
