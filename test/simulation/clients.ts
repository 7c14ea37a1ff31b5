import type { HistoryEvent } from '../linearizability/generated-history.ts';
import type { Agenda } from './agenda.ts';
import type { Chance } from './chance.ts';
import type { Checks } from './checks.ts';
import type { Coverage } from './coverage.ts';
import type { Command } from './machine.ts';
import type { Requests, SimulatedMember } from './member.ts';
import { holds } from './violation.ts';

const keys = ['a', 'b', 'c'];
const timeoutMs = 1500;

interface Waiting {
  readonly member: SimulatedMember;
  readonly event: HistoryEvent;
  /** Highest acknowledged write when a read began. */
  readonly acknowledged: number;
}

/** Clients that write, compare and read at any node, and remember what they were told as a history. */
export class Clients implements Requests {
  readonly history: HistoryEvent[] = [];
  private operations = 0;
  private readonly waiting = new Map<number, Waiting>();
  private readonly agenda: Agenda;
  private readonly chance: Chance;
  private readonly checks: Checks;
  private readonly coverage: Coverage;

  constructor(agenda: Agenda, chance: Chance, checks: Checks, coverage: Coverage) {
    this.agenda = agenda;
    this.chance = chance;
    this.checks = checks;
    this.coverage = coverage;
  }

  private begin(member: SimulatedMember, f: HistoryEvent['f'], key: string, value: unknown): number {
    this.operations += 1;
    const id = this.operations;
    const event: HistoryEvent = { process: id, type: 'invoke', f, key, value };
    this.history.push(event);
    this.waiting.set(id, { member, event, acknowledged: this.checks.acknowledged });
    this.agenda.plan(timeoutMs, () => this.end(id, 'info', value));
    return id;
  }

  private end(id: number, type: 'ok' | 'fail' | 'info', value: unknown): void {
    const waiting = this.waiting.get(id);
    if (waiting === undefined) return;
    this.waiting.delete(id);
    this.history.push({ ...waiting.event, type, value });
  }

  write(member: SimulatedMember): void {
    const key = this.chance.pick(keys) ?? 'a';
    const id = this.begin(member, 'write', key, this.operations + 1);
    member.write({ id, f: 'write', key, value: id, pad: 'x'.repeat(this.chance.below(60)) });
  }

  cas(member: SimulatedMember): void {
    const key = this.chance.pick(keys) ?? 'a';
    const from = member.machine.read(key);
    const id = this.begin(member, 'cas', key, [from, this.operations + 1]);
    member.write({ id, f: 'cas', key, from, value: id, pad: '' });
  }

  read(member: SimulatedMember): void {
    member.read(String(this.begin(member, 'read', this.chance.pick(keys) ?? 'a', null)));
  }

  applied(member: SimulatedMember, command: Command, took: boolean, index: number): void {
    const waiting = this.waiting.get(command.id);
    if (waiting?.member !== member) return;
    this.checks.acknowledged = Math.max(this.checks.acknowledged, index);
    if (took) this.coverage.add('writes acknowledged');
    this.end(command.id, took ? 'ok' : 'fail', waiting.event.value);
  }

  /** 14 */
  readable(member: SimulatedMember, context: string, index: number | undefined): void {
    const waiting = this.waiting.get(Number(context));
    if (waiting?.member !== member) return;
    const fresh = Math.min(index ?? Number.POSITIVE_INFINITY, member.machine.index);
    holds(
      fresh >= waiting.acknowledged,
      14,
      () => `node ${member.id} serves a read at ${fresh}, a write at ${waiting.acknowledged} was acknowledged before it began`,
    );
    this.coverage.add('reads checked');
    this.end(Number(context), 'ok', member.machine.read(waiting.event.key));
  }

  ended(id: number, how: 'fail' | 'info'): void {
    this.end(id, how, null);
  }
}
