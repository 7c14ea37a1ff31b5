import { type Clock, type RaftReceipt, type SnapshotPart, TsoError } from '@tso/proto';
import type { Message, NodeId } from '../../core/index.ts';
import type { SnapshotMeta, TransportOwner } from '../ports.ts';
import { replacedError } from './greeting.ts';
import type { TransportLimits } from './limits.ts';
import { fromWire } from './message-codec.ts';
import type { Admit } from './message-receiver.ts';
import { StreamReader } from './stream-reader.ts';

export interface ReceiverPorts {
  readonly owner: Pick<TransportOwner, 'receiveSnapshot' | 'receive'>;
  readonly clock: Clock;
}

interface Incoming {
  readonly from: NodeId;
  readonly term: number;
  readonly reader: StreamReader<SnapshotPart>;
  /** Resolves when the owner has let go of it. */
  readonly over: Promise<void>;
}

/** Takes in one snapshot at a time; one of a later leader, or another attempt of the same, takes the place of it. */
export class SnapshotReceiver {
  readonly #self: NodeId;
  readonly #limits: TransportLimits;
  readonly #ports: ReceiverPorts;
  readonly #readers = new Set<StreamReader<SnapshotPart>>();
  #current: Incoming | undefined;

  constructor(self: NodeId, limits: TransportLimits, ports: ReceiverPorts) {
    this.#self = self;
    this.#limits = limits;
    this.#ports = ports;
  }

  /** Serves one call; the receipt comes when the owner has it durable and has been given its message. */
  async *receive(parts: AsyncIterable<SnapshotPart>, admit: Admit<SnapshotPart>): AsyncIterable<RaftReceipt> {
    const reader = new StreamReader(parts, this.#ports.clock);
    this.#readers.add(reader);
    try {
      const first = await this.#next(reader);
      const part = first.done === true ? {} : first.value;
      const message = this.#announced(part, admit(part));
      yield { applied: await this.#take(message, reader) };
    } finally {
      this.#readers.delete(reader);
    }
  }

  /** Breaks off what is coming in. */
  stop(error: TsoError): void {
    for (const reader of this.#readers) reader.end(error);
  }

  #announced(part: SnapshotPart, from: NodeId): Message {
    const wire = part.start?.message;
    const message = wire === undefined ? undefined : fromWire(wire);
    if (message?.type !== 'MsgSnap' || message.snapshot === undefined || message.from !== from || message.to !== this.#self) {
      throw new TsoError('INVALID_ARGUMENT', 'a snapshot begins with the MsgSnap that it belongs to');
    }
    return message;
  }

  async #take(message: Message, reader: StreamReader<SnapshotPart>): Promise<number> {
    const { from, term, snapshot } = message;
    if (snapshot === undefined) throw new TsoError('INTERNAL', 'a MsgSnap without a snapshot');
    const before = this.#current;
    if (before !== undefined && before.term > term) {
      throw new TsoError('FAILED_PRECONDITION', `a snapshot of term ${before.term} is coming in, this one is of term ${term}`);
    }
    const over = Promise.withResolvers<void>();
    const incoming: Incoming = { from, term, reader, over: over.promise };
    this.#current = incoming;
    try {
      if (before !== undefined) {
        before.reader.end(replacedError(before.from));
        await before.over;
      }
      const meta = { index: snapshot.index, term: snapshot.term, confState: snapshot.confState };
      await this.#store(meta, from, reader);
    } finally {
      if (this.#current === incoming) this.#current = undefined;
      over.resolve();
    }
    const result = this.#ports.owner.receive(message);
    if (!result.accepted && result.reason === 'malformed') throw new TsoError('INVALID_ARGUMENT', `the snapshot is refused: ${result.why}`);
    return snapshot.index;
  }

  async #store(meta: SnapshotMeta, from: NodeId, reader: StreamReader<SnapshotPart>): Promise<void> {
    let isWhole = false;
    const contents = this.#contents(from, reader, () => {
      isWhole = true;
    });
    await this.#ports.owner.receiveSnapshot(meta, contents);
    if (!isWhole) throw new TsoError('INTERNAL', `the snapshot of member ${from} was not read to its end`);
  }

  /** Its bytes; throws when they end before their end, or are not as many as the sender says. */
  async *#contents(from: NodeId, reader: StreamReader<SnapshotPart>, whole: () => void): AsyncIterable<Uint8Array> {
    let sizeBytes = 0;
    for (;;) {
      const next = await this.#next(reader);
      const part = next.done === true ? undefined : next.value;
      if (part?.chunk !== undefined && part.chunk !== null) {
        sizeBytes += part.chunk.length;
        yield part.chunk;
      } else if (part?.end !== undefined && part.end !== null) {
        if (part.end.sizeBytes === sizeBytes) return whole();
        throw new TsoError('DATA_LOSS', `the snapshot of member ${from} has ${part.end.sizeBytes} bytes, ${sizeBytes} arrived`);
      } else {
        throw new TsoError('DATA_LOSS', `the snapshot of member ${from} broke off after ${sizeBytes} bytes`);
      }
    }
  }

  #next(reader: StreamReader<SnapshotPart>): Promise<IteratorResult<SnapshotPart>> {
    const ms = this.#limits.snapshotStallMs;
    return reader.next({ ms, failure: () => new TsoError('DEADLINE_EXCEEDED', `no more of the snapshot came within ${ms} ms`) });
  }
}
