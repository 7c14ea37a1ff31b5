import { Agenda } from './agenda.ts';
import { Chance, derivedSeed, emptyHash, mix, mixBytes } from './chance.ts';
import type { Limits } from './check-limits.ts';
import { Checks } from './checks.ts';
import { Clients } from './clients.ts';
import type { ConfState, CoreModule, Message, NodeId, Snapshot } from './core-door.ts';
import { CoreNode } from './core-node.ts';
import { Coverage } from './coverage.ts';
import type { DiskHabit } from './disk.ts';
import { type DriverOptions, defaultDriverOptions, type RoomModule } from './driver-door.ts';
import { DriverNode } from './driver-node.ts';
import { forwarding } from './forwarding.ts';
import { Machine } from './machine.ts';
import { type CoreSettings, type MemberPorts, names, type SimulatedMember } from './member.ts';
import { Network } from './network.ts';
import type { Focus } from './schedule.ts';
import type { Violation } from './violation.ts';

const sizes = [1, 3, 3, 5, 5, 7];
const smallSizes = [1, 1, 1, 3];
const text = new TextEncoder();

const settingsFor = (core: CoreModule, chance: Chance): CoreSettings => ({
  ...core.defaultRaftOptions,
  electionTicks: 8,
  heartbeatTicks: 2,
  maxSizePerMessageBytes: chance.pick([0, 200, 1000]) ?? 200,
  maxInflightMessages: chance.pick([1, 4, 16]) ?? 4,
  maxInflightBytes: 4000,
  maxCommittedSizePerReadyBytes: chance.pick([100, 1000, 100_000]) ?? 1000,
  maxUncommittedSizeBytes: chance.pick([1500, 100_000]) ?? 1500,
  preVote: chance.happens(0.7),
  checkQuorum: chance.happens(0.7),
});

/** Of the driver: as small as the runs are. Its core has the settings that ship. */
const driverOptionsFor = (chance: Chance): Omit<DriverOptions, 'raftId'> => ({
  ...defaultDriverOptions,
  electionTicks: 8,
  heartbeatTicks: 2,
  snapshotEntries: chance.between(8, 40),
  keepEntries: chance.below(12),
  patienceMs: 1200,
});

const limitsOf = (settings: CoreSettings): Limits => ({
  maxInflightMessages: settings.maxInflightMessages,
  maxInflightBytes: settings.maxInflightBytes,
  maxMessageBytes: settings.maxSizePerMessageBytes,
  maxUncommittedBytes: settings.maxUncommittedSizeBytes,
  largestCommandBytes: 200,
});

export interface ClusterOptions {
  readonly seed: number;
  readonly core: CoreModule;
  readonly room: RoomModule;
  readonly disk: DiskHabit;
  readonly kind: 'core' | 'driver';
  readonly focus: Focus;
  /** Voters at the beginning; drawn from 1, 3, 5 and 7 when left out. */
  readonly size?: number;
  readonly trace?: (line: string) => void;
}

/** Everything that is simulated of one run: nodes, network, clients, and time. */
export class Cluster {
  readonly agenda = new Agenda();
  readonly nodes = new Map<NodeId, SimulatedMember>();
  readonly coverage = new Coverage();
  readonly network: Network;
  readonly clients: Clients;
  readonly checks: Checks;
  readonly chance: Chance;
  readonly core: CoreModule;
  readonly settings: CoreSettings;
  /** Of all messages that were delivered. */
  traceHash = emptyHash;
  /** Steps back until the logs met, by follower and term, since the network was calmed for good. */
  readonly rejections = new Map<string, { readonly count: number; readonly lowest: number }>();
  countRejections = false;
  private readonly habit: DiskHabit;
  private readonly kind: 'core' | 'driver';
  private readonly room: RoomModule;
  private readonly driverOptions: Omit<DriverOptions, 'raftId'>;
  private readonly touched = new Set<DriverNode>();
  private violation: Violation | undefined;
  private readonly size: number;
  private readonly diskMs: number;
  private lastId = 0;
  private readonly trace: ((line: string) => void) | undefined;

  constructor({ seed, core, room, disk, kind, focus, size, trace }: ClusterOptions) {
    this.core = core;
    this.habit = disk;
    this.trace = trace;
    this.chance = new Chance(derivedSeed(seed, 2));
    const settings = settingsFor(core, this.chance);
    this.settings = trace
      ? { ...settings, trace: (level, line) => level !== 'debug' && trace(`${this.agenda.now}   core: ${line()}`) }
      : settings;
    this.kind = kind;
    this.room = room;
    this.driverOptions = driverOptionsFor(this.chance);
    this.checks = new Checks(limitsOf(kind === 'core' ? settings : core.defaultRaftOptions), (id) => this.nodes.get(id)?.log);
    this.clients = new Clients(this.agenda, this.chance, this.checks, this.coverage);
    this.network = new Network(
      this.agenda,
      this.chance,
      this.coverage,
      (message) => this.deliver(message),
      (message) => this.lost(message),
    );
    this.diskMs = this.chance.pick([2, 6, 6, 40, 120]) ?? 6;
    const drawn = this.chance.pick(focus === 'growth' ? smallSizes : sizes) ?? 3;
    this.size = size ?? drawn;
  }

  /** The members of the beginning all start from one snapshot, so that the first configuration needs no entry. */
  found(): void {
    const voters = Array.from({ length: this.size }, (_, at) => at + 1);
    const confState: ConfState = { voters, votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
    const machine = new Machine();
    machine.index = 1;
    const data = machine.encode();
    for (const id of voters) {
      this.lastId = id;
      this.add(id, { index: 1, term: 1, confState, data });
    }
  }

  private add(id: NodeId, start: Snapshot | undefined): SimulatedMember {
    const ports: MemberPorts = {
      core: this.core,
      agenda: this.agenda,
      chance: this.chance,
      checks: this.checks,
      coverage: this.coverage,
      settings: this.settings,
      diskMs: this.diskMs,
      say: (line) => this.say(line),
      send: (message) => this.network.send(message),
      lost: (message) => this.lost(message),
      snapshotEnded: ({ from, to }, outcome) => this.nodes.get(from)?.snapshotSent(to, outcome),
      applied: (at, command, took, index) => this.clients.applied(at, command, took, index),
      readable: (at, context, index) => this.clients.readable(at, context, index),
      ended: (operation, how) => this.clients.ended(operation, how),
    };
    const node: SimulatedMember = this.kind === 'core' ? new CoreNode(id, start, this.habit, ports) : this.driverNode(id, start, ports);
    this.nodes.set(id, node);
    node.start();
    return node;
  }

  private driverNode(id: NodeId, start: Snapshot | undefined, ports: MemberPorts): DriverNode {
    return new DriverNode(id, start, {
      ...ports,
      room: this.room,
      driverOptions: this.driverOptions,
      touched: (node) => this.touched.add(node),
      violated: (violation) => {
        this.violation ??= violation;
      },
      forward: (to, command) => forwarding(this, id, to, command),
    });
  }

  /** Looks at whoever did something since the last time. Once nothing more of a step is under way. */
  look(): void {
    for (const node of this.touched) node.look();
    this.touched.clear();
    if (this.violation !== undefined) throw this.violation;
  }

  /** A manager with an empty disk under an id that was never used. */
  newcomer(): SimulatedMember {
    this.lastId += 1;
    return this.add(this.lastId, undefined);
  }

  get preVotes(): boolean {
    return this.kind === 'driver' || this.settings.preVote;
  }

  /** Runs the next event; false when there is none. */
  step(): boolean {
    return this.agenda.step();
  }

  /** Leaves nothing of the nodes behind. */
  end(): void {
    this.coverage.add('elections', this.checks.elected);
  }

  say(line: () => string): void {
    this.trace?.(`${this.agenda.now} ${line()}`);
  }

  private deliver(message: Message): void {
    const to = this.nodes.get(message.to);
    if (to === undefined || !to.up) {
      this.lost(message);
      return;
    }
    this.coverage.add('messages delivered');
    this.note(message);
    if (message.type === 'MsgAppResp' && message.reject && this.countRejections) {
      const name = `${message.from} in term ${message.term}`;
      const { count, lowest } = this.rejections.get(name) ?? { count: 0, lowest: Number.POSITIVE_INFINITY };
      // What was sent ahead is rejected as a whole; only a further step back counts.
      if (message.index < lowest) this.rejections.set(name, { count: count + 1, lowest: message.index });
    }
    to.deliver(message);
  }

  private lost(message: Message): void {
    const from = this.nodes.get(message.from);
    const gone = this.nodes.get(message.to)?.up !== true;
    if (message.type === 'MsgSnap') from?.snapshotSent(message.to, 'failed');
    from?.unreachable(message.to, gone);
  }

  private note(message: Message): void {
    const { type, from, to, term, index, commit } = message;
    this.traceHash = mixBytes(
      [this.agenda.now, from, to, term, index, commit, message.entries.length].reduce(mix, this.traceHash),
      text.encode(type),
    );
    this.say(
      () =>
        `${from} -> ${to} ${type} term ${term} index ${index} logTerm ${message.logTerm} commit ${commit} entries ${message.entries.length}${message.reject ? ' reject' : ''}`,
    );
  }

  all(): readonly SimulatedMember[] {
    return [...this.nodes.values()];
  }

  /** Whoever is up and does not stand still. */
  running(): readonly SimulatedMember[] {
    return this.all().filter((node) => node.up && node.pausedUntil <= this.agenda.now);
  }

  /** Of those that think so, the one in the latest term. */
  leader(): SimulatedMember | undefined {
    return this.running()
      .map((node) => ({ node, status: node.status() }))
      .filter(({ status }) => status?.role === 'leader')
      .sort((a, b) => (b.status?.hardState.term ?? 0) - (a.status?.hardState.term ?? 0))[0]?.node;
  }

  /** Whoever was a member and is none for any other node any more: only then may it be switched off, or the others might still need its vote. */
  forgotten(): readonly SimulatedMember[] {
    const others = this.all().filter((node) => !node.dead && !node.removed);
    const members = this.members();
    return this.running().filter(
      (node) =>
        !names(members, node.id) &&
        (node.removed || node.machine.index > 0) &&
        !others.some((other) => other !== node && names(other.confState, node.id)),
    );
  }

  /** The members as the most advanced node sees them. */
  members(): ConfState {
    const first = this.all()[0];
    const best = this.all().reduce((a, b) => (b.machine.index > (a?.machine.index ?? 0) ? b : a), first);
    return best?.confState ?? { voters: [], votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
  }
}
