import type { Entry, Message, RaftCore, Ready, Snapshot } from './core-door.ts';
import type { CoreNode } from './core-node.ts';
import { Machine } from './machine.ts';

/** What the driver of a core does in one life: stores, sends and applies what each Ready says, and keeps snapshots. */
export class CoreWork {
  private busy = false;
  private membersChanged = false;
  private saving = false;
  private waitingReads: { readonly context: string; readonly index: number }[] = [];
  private readonly node: CoreNode;

  constructor(node: CoreNode) {
    this.node = node;
  }

  pump(core: RaftCore): void {
    if (!this.busy && core.hasReady()) this.begin(core, core.ready());
  }

  private get slowness(): number {
    return this.node.ports.agenda.now < this.node.slowDiskUntil ? 300 : this.node.ports.diskMs;
  }

  private send(message: Message): void {
    this.node.ports.checks.sent(this.node, message);
    this.node.ports.send(message);
  }

  private begin(core: RaftCore, ready: Ready): void {
    const { node } = this;
    const { ports } = node;
    this.busy = true;
    const { awaitsDurability } = ports.core;
    this.waitingReads.push(...ready.readStates);
    for (const m of ready.messages) if (!awaitsDurability(m.type)) this.send(m);
    this.store(ready);
    const promise = (): void => {
      for (const m of ready.messages) if (awaitsDurability(m.type)) this.send(m);
      const slow = ports.agenda.now < node.slowApplyUntil ? 800 : 4;
      node.later(ports.chance.below(slow), () => this.apply(core, ready));
    };
    if (!ready.mustSync && ready.snapshot === undefined) {
      promise();
      return;
    }
    node.later(ports.chance.below(this.slowness), () => {
      node.disk.sync();
      ports.checks.synced(node);
      promise();
    });
  }

  private store({ snapshot, entries, hardState }: Ready): void {
    const { node } = this;
    const { disk } = node;
    if (snapshot !== undefined) disk.append({ kind: 'adopted', meta: metaOf(snapshot) });
    node.ports.checks.written(node, entries);
    // No entry may survive without the term that it came in; what is committed may be known later.
    const before = (entries[0]?.index ?? 0) - 1;
    if (hardState !== undefined && entries.length > 0)
      disk.append({ kind: 'hard-state', hardState: { ...hardState, commit: Math.min(hardState.commit, before) } });
    for (const entry of entries) disk.append({ kind: 'entry', entry });
    if (hardState !== undefined) disk.append({ kind: 'hard-state', hardState });
  }

  private apply(core: RaftCore, ready: Ready): void {
    const { node } = this;
    const { ports } = node;
    if (ready.snapshot !== undefined) {
      node.machine = Machine.decode(ready.snapshot.data);
      node.confState = ready.snapshot.confState;
      ports.checks.snapshotRestored(node.id, ready.snapshot, node.machine);
      ports.coverage.add('snapshots restored');
    }
    for (const entry of ready.committedEntries) this.applyEntry(core, entry);
    core.advance(ready);
    this.busy = false;
    this.considerSnapshot();
    const served = this.waitingReads.filter(({ index }) => index <= node.machine.index);
    this.waitingReads = this.waitingReads.filter(({ index }) => index > node.machine.index);
    for (const { context, index } of served) ports.readable(node, context, index);
  }

  private applyEntry(core: RaftCore, entry: Entry): void {
    const { node } = this;
    const { ports } = node;
    const before = node.machine.index;
    const outcome = node.machine.apply(entry);
    ports.checks.appliedEntry(node.id, entry, before, node.machine.hash);
    if (outcome !== undefined) ports.applied(node, outcome.command, outcome.took, entry.index);
    if (entry.type === 'EntryNormal') return;
    this.membersChanged = true;
    node.applyConfChange(core, entry);
  }

  /** Steps of the disk with time between them, then what they were for. */
  inSteps(steps: readonly (() => void)[], end: () => void): void {
    const [first, ...rest] = steps;
    if (first === undefined) {
      end();
      return;
    }
    this.node.later(this.node.ports.chance.below(this.slowness), () => {
      first();
      this.inSteps(rest, end);
    });
  }

  private considerSnapshot(): void {
    const { node } = this;
    const { disk, machine, ports } = node;
    // A newcomer takes no snapshot that does not name it: a change of members is followed by one.
    const due = machine.index - disk.live.firstIndex() >= ports.chance.between(8, 40);
    if (this.saving || (!due && !this.membersChanged)) return;
    const term = disk.live.term(machine.index);
    if (typeof term !== 'number') return;
    const snapshot: Snapshot = { index: machine.index, term, confState: node.confState, data: machine.encode() };
    ports.checks.snapshotMade(node.id, snapshot, machine.index);
    this.membersChanged = false;
    this.saving = true;
    this.inSteps(disk.putSnapshot(snapshot), () => {
      this.saving = false;
      // Meanwhile a newer one may have come from the leader.
      if (snapshot.index <= (disk.live.snapshot()?.index ?? 0)) return;
      disk.append({ kind: 'own-snapshot', meta: metaOf(snapshot) });
      ports.coverage.add('snapshots made');
      if (due) disk.append({ kind: 'compacted', index: Math.max(1, snapshot.index - ports.chance.below(8)) });
    });
  }
}

const metaOf = ({ index, term, confState }: Snapshot): Omit<Snapshot, 'data'> => ({ index, term, confState });
