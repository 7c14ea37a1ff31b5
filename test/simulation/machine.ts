import { emptyHash, mix, mixBytes } from './chance.ts';
import type { Entry } from './core-door.ts';

/** What clients ask for; `id` makes a command that arrives twice take effect once. */
export type Command =
  | { readonly id: number; readonly f: 'write'; readonly key: string; readonly value: number; readonly pad: string }
  | {
      readonly id: number;
      readonly f: 'cas';
      readonly key: string;
      readonly from: number | null;
      readonly value: number;
      readonly pad: string;
    };

interface Stored {
  readonly index: number;
  readonly hash: number;
  readonly registers: readonly (readonly [string, number])[];
  readonly seen: readonly number[];
}

export const encodeCommand = (command: Command): Uint8Array => new TextEncoder().encode(JSON.stringify(command));

/** The replicated state: registers, and a hash over everything applied so far. */
export class Machine {
  index = 0;
  hash = emptyHash;
  private registers = new Map<string, number>();
  private seen = new Set<number>();

  read(key: string): number | null {
    return this.registers.get(key) ?? null;
  }

  /** The command that the entry held, and whether it took effect. */
  apply(entry: Entry): { readonly command: Command; readonly took: boolean } | undefined {
    this.index = entry.index;
    this.hash = mixBytes(mix(mix(this.hash, entry.index), entry.term), entry.data);
    if (entry.type !== 'EntryNormal' || entry.data.length === 0) return undefined;
    const command = JSON.parse(new TextDecoder().decode(entry.data)) as Command;
    if (this.seen.has(command.id)) return undefined;
    this.seen.add(command.id);
    const took = command.f === 'write' || this.read(command.key) === command.from;
    if (took) this.registers.set(command.key, command.value);
    return { command, took };
  }

  encode(): Uint8Array {
    const stored: Stored = { index: this.index, hash: this.hash, registers: [...this.registers], seen: [...this.seen] };
    return new TextEncoder().encode(JSON.stringify(stored));
  }

  static decode(data: Uint8Array): Machine {
    const machine = new Machine();
    if (data.length === 0) return machine;
    const stored = JSON.parse(new TextDecoder().decode(data)) as Stored;
    machine.index = stored.index;
    machine.hash = stored.hash;
    machine.registers = new Map(stored.registers);
    machine.seen = new Set(stored.seen);
    return machine;
  }
}
