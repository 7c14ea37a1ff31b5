import { noBytes } from './core-door.ts';
import type { Chunks, StateMachine } from './driver-door.ts';
import { Machine } from './machine.ts';

export interface Outcome {
  readonly id: number;
  readonly took: boolean;
}

export interface MachineListener {
  /** `repeated`: the command of that id was applied before. */
  applied(index: number, before: number, hash: number): void;
  repeated(index: number, id: number): void;
  restored(index: number, machine: Machine): void;
}

/** The registers of machine.ts behind the port that the driver has for a state machine. */
export class DriverMachine implements StateMachine<Outcome> {
  state = new Machine();
  /** What became of commands in this life. */
  readonly outcomes = new Map<number, boolean>();
  private readonly listener: MachineListener;

  constructor(listener: MachineListener) {
    this.listener = listener;
  }

  private take(index: number, data: Uint8Array): Outcome | undefined {
    const before = this.state.index;
    // The port says no terms: commands are unique, so indices and commands tell the states apart.
    const done = this.state.apply({ type: 'EntryNormal', term: 0, index, data });
    this.listener.applied(index, before, this.state.hash);
    return done === undefined ? undefined : { id: done.command.id, took: done.took };
  }

  apply(index: number, command: Uint8Array): Outcome {
    const outcome = this.take(index, command);
    if (outcome === undefined) {
      const { id } = JSON.parse(new TextDecoder().decode(command)) as { id: number };
      this.listener.repeated(index, id);
      return { id, took: false };
    }
    this.outcomes.set(outcome.id, outcome.took);
    return outcome;
  }

  skip(index: number): void {
    this.take(index, noBytes);
  }

  capture(): Chunks {
    return chunksOf(this.state.encode());
  }

  async restore(index: number, contents: Chunks): Promise<void> {
    this.state = Machine.decode(await bytesOf(contents));
    this.listener.restored(index, this.state);
  }
}

export const bytesOf = async (contents: Chunks): Promise<Uint8Array> => {
  const parts: Uint8Array[] = [];
  for await (const part of contents) parts.push(Uint8Array.from(part));
  return Buffer.concat(parts);
};

/** In pieces, so that there is something to be cut. */
export async function* chunksOf(bytes: Uint8Array): Chunks {
  for (let at = 0; at === 0 || at < bytes.length; at += 700) yield bytes.subarray(at, at + 700);
}
