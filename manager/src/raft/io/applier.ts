import type { Logger } from '@tso/proto';
import { type ConfState, type Entry, emptyConfState, isConfChange, type NodeId, type RaftCore } from '../core/index.ts';
import type { DriverOptions } from './driver-options.ts';
import type { RaftDisk, StateMachine } from './ports.ts';
import type { Requests } from './requests.ts';
import { type AppliedPosition, Snapshotter } from './snapshotter.ts';

/** Hears what an applied entry did beside the state machine. */
export interface ApplyListener {
  committed(index: number): void;
  joined(id: NodeId): void;
  left(id: NodeId): void;
  membersChanged(confState: ConfState): void;
}

export interface ApplierPorts<Outcome> {
  readonly disk: RaftDisk;
  readonly machine: StateMachine<Outcome>;
  readonly logger: Logger;
  readonly requests: Requests<Outcome>;
  readonly listener: ApplyListener;
}

const membersOf = ({ voters, votersOutgoing, learners, learnersNext }: ConfState): ReadonlySet<NodeId> =>
  new Set([...voters, ...votersOutgoing, ...learners, ...learnersNext]);

/** Brings what is committed into the state machine, in log order, and tells who waits for it. */
export class Applier<Outcome> {
  readonly #ports: ApplierPorts<Outcome>;
  readonly #snapshotter: Snapshotter;
  #position: AppliedPosition = { index: 0, term: 0, confState: emptyConfState };

  constructor(options: DriverOptions, ports: ApplierPorts<Outcome>) {
    this.#ports = ports;
    this.#snapshotter = new Snapshotter(options, ports);
  }

  get position(): AppliedPosition {
    return this.#position;
  }

  apply(core: RaftCore, entries: readonly Entry[]): void {
    const { machine, requests, listener } = this.#ports;
    for (const entry of entries) {
      const { index, term } = entry;
      if (isConfChange(entry.type)) {
        machine.skip(index);
        this.#switchMembers(core.applyConfChange(entry), index, term);
        requests.applied(index, term, undefined);
      } else {
        const outcome = this.#applyCommand(entry);
        this.#position = { index, term, confState: this.#position.confState };
        requests.applied(index, term, outcome);
      }
      this.#snapshotter.applied(entry.data.length);
      listener.committed(index);
    }
    if (entries.length > 0) requests.advance(this.#position.index);
  }

  /** The state machine becomes what the newest snapshot on disk says; nothing happens when there is none. */
  async restore(): Promise<void> {
    const { disk, machine, requests } = this.#ports;
    const newest = disk.snapshot();
    if (newest === undefined || newest.index === 0) return;
    const { meta, contents } = await disk.openSnapshot(newest.index);
    await machine.restore(meta.index, contents);
    this.#snapshotter.restored(meta.index);
    this.#switchMembers(meta.confState, meta.index, meta.term);
    requests.passed(meta.index);
  }

  considerSnapshot(): void {
    this.#snapshotter.consider(this.#position);
  }

  /** Resolves when no snapshot is being taken. */
  settled(): Promise<void> {
    return this.#snapshotter.settled();
  }

  #applyCommand({ index, data }: Entry): Outcome | undefined {
    const { machine } = this.#ports;
    if (data.length > 0) return machine.apply(index, data);
    machine.skip(index);
    return undefined;
  }

  #switchMembers(confState: ConfState, index: number, term: number): void {
    const { listener } = this.#ports;
    const before = membersOf(this.#position.confState);
    const now = membersOf(confState);
    this.#position = { index, term, confState };
    for (const id of now) if (!before.has(id)) listener.joined(id);
    for (const id of before) if (!now.has(id)) listener.left(id);
    listener.membersChanged(confState);
  }
}
