import type { Agenda } from './agenda.ts';
import type { Chance } from './chance.ts';
import type { Checks, StoredLog } from './checks.ts';
import type { ConfChange, ConfState, CoreModule, Message, NodeId, RaftStatus } from './core-door.ts';
import type { Coverage } from './coverage.ts';
import type { DiskFate } from './disk.ts';
import type { Command, Machine } from './machine.ts';

export type CoreSettings = Omit<ConstructorParameters<CoreModule['RaftCore']>[0], 'id' | 'storage' | 'random' | 'applied'>;

/** What becomes of an operation that a client began at a member. */
export interface Requests {
  /** The member applied the command, in the life in which it took it or a later one. */
  readonly applied: (at: SimulatedMember, command: Command, took: boolean, index: number) => void;
  /** The read may be served. The state of `index` is fresh enough, as far as the member says one. */
  readonly readable: (at: SimulatedMember, context: string, index: number | undefined) => void;
  /** It did not happen and never will, or nobody knows. */
  readonly ended: (id: number, how: 'fail' | 'info') => void;
}

export interface MemberPorts extends Requests {
  readonly core: CoreModule;
  readonly agenda: Agenda;
  readonly chance: Chance;
  readonly checks: Checks;
  readonly coverage: Coverage;
  readonly settings: CoreSettings;
  /** Milliseconds of its slowest step while nothing is wrong with a disk. */
  readonly diskMs: number;
  readonly say: (line: () => string) => void;
  readonly send: (message: Message) => void;
  /** A message did not reach this member. */
  readonly lost: (message: Message) => void;
  /** What became of a snapshot that was delivered. */
  readonly snapshotEnded: (message: Message, outcome: 'finished' | 'failed') => void;
}

/** One manager of the cluster, whatever runs in it. */
export interface SimulatedMember {
  readonly id: NodeId;
  readonly up: boolean;
  /** Its disk is gone for ever, or damaged; the id must not come back. */
  readonly dead: boolean;
  /** It applied its own removal, in this life or an earlier one. */
  readonly removed: boolean;
  readonly confState: ConfState;
  readonly machine: Machine;
  readonly log: StoredLog;
  /** Until then its process stands still. */
  pausedUntil: number;
  /** Until then its disk, or its state machine, is slow. */
  slowDiskUntil: number;
  slowApplyUntil: number;
  /** Milliseconds between its ticks. */
  tickMs: number;
  status(): RaftStatus | undefined;
  start(): void;
  crash(): void;
  /** Its disk is lost, too. */
  wipe(): void;
  /** One bit of what it has stored changes; it must notice when it starts again, and not start. */
  damage(chance: Chance): void;
  arm(fate: DiskFate, inSteps: number): void;
  /** Its disk has space again, and nothing is about to happen to it. */
  healDisk(): void;

  deliver(message: Message): void;
  /** A message to that member was lost; `gone` when its process is not there. */
  unreachable(to: NodeId, gone: boolean): void;
  snapshotSent(to: NodeId, outcome: 'finished' | 'failed'): void;

  write(command: Command): void;
  read(context: string): void;
  changeMembers(change: ConfChange): void;
  transfer(to: NodeId): void;
  campaign(): void;
  forgetLeader(): void;
  /** What makes no sense must be refused and change nothing. */
  takesGarbage(message: Message): boolean;
}

/** Whether the member is named at all. */
export const names = ({ voters, votersOutgoing, learners, learnersNext }: ConfState, id: NodeId): boolean =>
  [voters, votersOutgoing, learners, learnersNext].some((ids) => ids.includes(id));

/** Counts what a change of members did, the first time that it is seen. */
export const noteChange = (coverage: Coverage, before: ConfState, after: ConfState): void => {
  coverage.add('changes of members');
  if (after.votersOutgoing.length > 0) coverage.add('joint configurations');
  const all = [...before.voters, ...before.votersOutgoing, ...before.learners];
  coverage.add('members removed', new Set(all.filter((id) => !names(after, id))).size);
};
