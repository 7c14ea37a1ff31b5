import type { Snapshot } from './core-door.ts';
import type { Chunks, RaftDisk } from './driver-door.ts';
import { chunksOf } from './driver-machine.ts';

/** A snapshot that is being taken in. */
interface Incoming {
  readonly term: number;
  isReplaced: boolean;
  readonly over: Promise<void>;
}

async function* unlessReplaced(incoming: Incoming, contents: Chunks): Chunks {
  for await (const chunk of contents) {
    if (incoming.isReplaced) throw new Error('another snapshot took its place');
    yield chunk;
  }
}

/** Takes snapshots in as the transport does it: one at a time, and one of a later leader, or another attempt, takes the place of it. */
export class SnapshotIntake {
  private current: Incoming | undefined;

  /** Durable when it resolves. */
  async take(disk: RaftDisk, term: number, { data, ...meta }: Snapshot): Promise<void> {
    const before = this.current;
    if (before !== undefined && before.term > term) throw new Error(`a snapshot of term ${before.term} is coming in`);
    const over = Promise.withResolvers<void>();
    const incoming: Incoming = { term, isReplaced: false, over: over.promise };
    this.current = incoming;
    try {
      if (before !== undefined) {
        before.isReplaced = true;
        await before.over;
      }
      await disk.receiveSnapshot(meta, unlessReplaced(incoming, chunksOf(data)));
    } finally {
      if (this.current === incoming) this.current = undefined;
      over.resolve();
    }
  }
}
