import type { HistoryEvent } from '../linearizability/generated-history.ts';
import type { Agenda } from './agenda.ts';
import type { Chance } from './chance.ts';
import type { Checks } from './checks.ts';
import { type Command, encodeCommand } from './machine.ts';
import type { SimulatedNode } from './node.ts';
import { holds } from './violation.ts';

const keys = ['a', 'b', 'c'];
const timeoutMs = 1500;

interface Waiting {
  readonly node: SimulatedNode;
  readonly event: HistoryEvent;
  /** Highest acknowledged write when a read began. */
  readonly acknowledged: number;
}

/** Clients that write, compare and read at any node, and remember what they were told as a history. */
export class Clients {
  readonly history: HistoryEvent[] = [];
  acknowledgedWrites = 0;
  servedReads = 0;
  private operations = 0;
  private readonly waiting = new Map<number, Waiting>();
  private readonly agenda: Agenda;
  private readonly chance: Chance;
  private readonly checks: Checks;

  constructor(agenda: Agenda, chance: Chance, checks: Checks) {
    this.agenda = agenda;
    this.chance = chance;
    this.checks = checks;
  }

  private begin(node: SimulatedNode, f: HistoryEvent['f'], key: string, value: unknown): number {
    this.operations += 1;
    const id = this.operations;
    const event: HistoryEvent = { process: id, type: 'invoke', f, key, value };
    this.history.push(event);
    this.waiting.set(id, { node, event, acknowledged: this.checks.acknowledged });
    this.agenda.plan(timeoutMs, () => this.end(id, 'info', value));
    return id;
  }

  private end(id: number, type: 'ok' | 'fail' | 'info', value: unknown): void {
    const waiting = this.waiting.get(id);
    if (waiting === undefined) return;
    this.waiting.delete(id);
    this.history.push({ ...waiting.event, type, value });
  }

  write(node: SimulatedNode): void {
    const key = this.chance.pick(keys) ?? 'a';
    const id = this.begin(node, 'write', key, this.operations + 1);
    this.propose(node, { id, f: 'write', key, value: id, pad: 'x'.repeat(this.chance.below(60)) });
  }

  cas(node: SimulatedNode): void {
    const key = this.chance.pick(keys) ?? 'a';
    const from = node.machine.read(key);
    const id = this.begin(node, 'cas', key, [from, this.operations + 1]);
    this.propose(node, { id, f: 'cas', key, from, value: id, pad: '' });
  }

  private propose(node: SimulatedNode, command: Command): void {
    const result = node.act((core) => core.propose(encodeCommand(command)));
    if (result !== undefined && !result.accepted) this.end(command.id, 'fail', null);
  }

  read(node: SimulatedNode): void {
    const id = this.begin(node, 'read', this.chance.pick(keys) ?? 'a', null);
    const result = node.act((core) => core.readIndex(String(id)));
    if (result !== undefined && !result.accepted) this.end(id, 'fail', null);
  }

  /** The node that was asked has applied the command. */
  applied(node: SimulatedNode, command: Command, took: boolean, index: number): void {
    const waiting = this.waiting.get(command.id);
    if (waiting?.node !== node) return;
    this.checks.acknowledged = Math.max(this.checks.acknowledged, index);
    if (took) this.acknowledgedWrites += 1;
    this.end(command.id, took ? 'ok' : 'fail', waiting.event.value);
  }

  /** The read may be served now. 14 */
  readable(node: SimulatedNode, context: string, index: number): void {
    const waiting = this.waiting.get(Number(context));
    if (waiting?.node !== node) return;
    holds(
      index >= waiting.acknowledged,
      14,
      () => `node ${node.id} serves a read at ${index}, a write at ${waiting.acknowledged} was acknowledged before it began`,
    );
    this.servedReads += 1;
    this.end(Number(context), 'ok', node.machine.read(waiting.event.key));
  }
}
