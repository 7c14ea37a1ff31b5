import { Agenda } from './agenda.ts';
import { Chance, derivedSeed, emptyHash, mix, mixBytes } from './chance.ts';
import { Checks } from './checks.ts';
import { Clients } from './clients.ts';
import type { ConfState, CoreModule, Message, NodeId } from './core-door.ts';
import { Machine } from './machine.ts';
import { Network } from './network.ts';
import { type CoreSettings, type DiskHabit, SimulatedNode } from './node.ts';

const sizes = [1, 3, 3, 5, 5, 7];
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

/** Everything that is simulated of one run: nodes, network, clients, and time. */
export class Cluster {
  readonly agenda = new Agenda();
  readonly nodes = new Map<NodeId, SimulatedNode>();
  readonly network: Network;
  readonly clients: Clients;
  readonly checks: Checks;
  readonly chance: Chance;
  readonly core: CoreModule;
  readonly settings: CoreSettings;
  /** Of all messages that were delivered. */
  traceHash = emptyHash;
  elections = 0;
  /** Steps back until the logs met, by follower and term, since the network was calmed for good. */
  readonly rejections = new Map<string, { readonly count: number; readonly lowest: number }>();
  countRejections = false;
  private readonly habit: DiskHabit;
  private lastId = 0;
  private readonly trace: ((line: string) => void) | undefined;

  constructor(seed: number, core: CoreModule, habit: DiskHabit, trace?: (line: string) => void) {
    this.core = core;
    this.habit = habit;
    this.trace = trace;
    this.chance = new Chance(derivedSeed(seed, 2));
    const settings = settingsFor(core, this.chance);
    this.settings = trace
      ? { ...settings, trace: (level, line) => level !== 'debug' && trace(`${this.agenda.now}   core: ${line()}`) }
      : settings;
    this.checks = new Checks(
      {
        maxInflightMessages: settings.maxInflightMessages,
        maxInflightBytes: settings.maxInflightBytes,
        maxMessageBytes: settings.maxSizePerMessageBytes,
        maxUncommittedBytes: settings.maxUncommittedSizeBytes,
        largestCommandBytes: 200,
      },
      (id) => this.nodes.get(id)?.disk,
    );
    this.clients = new Clients(this.agenda, this.chance, this.checks);
    this.network = new Network(
      this.agenda,
      this.chance,
      (message) => this.deliver(message),
      (message) => this.lost(message),
    );
    const size = this.chance.pick(sizes) ?? 3;
    const voters = Array.from({ length: size }, (_, at) => at + 1);
    const confState: ConfState = { voters, votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
    const machine = new Machine();
    machine.index = 1;
    const data = machine.encode();
    for (const id of voters) {
      this.lastId = id;
      this.add(id, { index: 1, term: 1, confState, data });
    }
  }

  private add(id: NodeId, start: { index: number; term: number; confState: ConfState; data: Uint8Array } | undefined): SimulatedNode {
    const node = new SimulatedNode(id, start, this.settings, this.habit, {
      core: this.core,
      agenda: this.agenda,
      chance: this.chance,
      checks: this.checks,
      send: (message) => this.network.send(message),
      appliedCommand: (at, command, took, index) => this.clients.applied(at, command, took, index),
      readable: (at, context, index) => this.clients.readable(at, context, index),
    });
    this.nodes.set(id, node);
    node.start();
    return node;
  }

  /** A manager with an empty disk under an id that was never used. */
  newcomer(): SimulatedNode {
    this.lastId += 1;
    return this.add(this.lastId, undefined);
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
    this.note(message);
    if (message.type === 'MsgAppResp' && message.reject && this.countRejections) {
      const name = `${message.from} in term ${message.term}`;
      const { count, lowest } = this.rejections.get(name) ?? { count: 0, lowest: Number.POSITIVE_INFINITY };
      // What was sent ahead is rejected as a whole; only a further step back counts.
      if (message.index < lowest) this.rejections.set(name, { count: count + 1, lowest: message.index });
    }
    to.act((core) => core.step(message));
    if (message.type === 'MsgSnap') this.nodes.get(message.from)?.act((core) => core.reportSnapshot(message.to, 'finished'));
  }

  private lost(message: Message): void {
    const from = this.nodes.get(message.from);
    const gone = this.nodes.get(message.to)?.up !== true;
    if (message.type === 'MsgSnap') from?.act((core) => core.reportSnapshot(message.to, 'failed'));
    from?.act((core) => core.reportUnreachable(message.to));
    // A refused connection, not mere silence.
    if (gone) from?.act((core) => core.reportLeaderUnreachable(message.to));
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

  all(): readonly SimulatedNode[] {
    return [...this.nodes.values()];
  }

  running(): readonly SimulatedNode[] {
    return this.all().filter((node) => node.up);
  }

  /** Of those that think so, the one in the latest term. */
  leader(): SimulatedNode | undefined {
    return this.running()
      .map((node) => ({ node, status: node.core?.status() }))
      .filter(({ status }) => status?.role === 'leader')
      .sort((a, b) => (b.status?.hardState.term ?? 0) - (a.status?.hardState.term ?? 0))[0]?.node;
  }

  /** Whoever was a member and is none for any other node any more: only then may it be switched off, or the others might still need its vote. */
  forgotten(): readonly SimulatedNode[] {
    const named = (confState: ConfState, id: NodeId): boolean =>
      [confState.voters, confState.votersOutgoing, confState.learners].some((ids) => ids.includes(id));
    const others = this.all().filter((node) => !node.dead && !node.removed);
    const members = this.members();
    return this.running().filter(
      (node) =>
        !named(members, node.id) &&
        (node.removed || node.machine.index > 0) &&
        !others.some((other) => other !== node && named(other.confState, node.id)),
    );
  }

  /** The members as the most advanced node sees them. */
  members(): ConfState {
    const first = this.all()[0];
    const best = this.all().reduce((a, b) => (b.machine.index > (a?.machine.index ?? 0) ? b : a), first);
    return best?.confState ?? { voters: [], votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
  }
}
