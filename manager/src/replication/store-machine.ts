import { decode, encode, type StoreSnapshot, TsoError } from '@tso/proto';
import type { Chunks, StateMachine } from '../raft/io/ports.ts';
import type { AppliedListener } from '../store/applied.ts';
import { type ApplyResult, applyTransaction } from '../store/apply.ts';
import { SnapshotBuilder, snapshotPieces } from '../store/snapshot.ts';
import { Tables } from '../store/tables.ts';
import type { View } from '../store/view.ts';
import { StoreWatch } from '../store/watch.ts';

/** Each piece goes behind its length in bytes, u32 little endian. */
const lengthBytes = 4;

const framed = (piece: StoreSnapshot): Uint8Array => {
  const bytes = encode('StoreSnapshot', piece);
  const frame = Buffer.allocUnsafe(lengthBytes + bytes.length);
  frame.writeUInt32LE(bytes.length, 0);
  frame.set(bytes, lengthBytes);
  return frame;
};

/** The pieces again, however the bytes were cut on their way. DATA_LOSS: they end within a piece. */
const unframed = async function* (contents: Chunks): AsyncIterable<StoreSnapshot> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of contents) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    while (rest.length >= lengthBytes && rest.length >= lengthBytes + rest.readUInt32LE(0)) {
      const end = lengthBytes + rest.readUInt32LE(0);
      yield decode('StoreSnapshot', rest.subarray(lengthBytes, end));
      rest = rest.subarray(end);
    }
  }
  if (rest.length > 0) throw new TsoError('DATA_LOSS', `a snapshot of the store ends ${rest.length} bytes into a piece that is longer`);
};

/** The store as the state machine that the log drives. */
export class StoreMachine implements StateMachine<ApplyResult> {
  readonly watch = new StoreWatch();
  readonly #listeners = new Set<AppliedListener>();
  readonly #noted: () => Promise<void>;
  #tables = new Tables();

  /** @param noted resolves once what is made of the transactions applied so far is durable: a snapshot takes the place of their log */
  constructor(noted: () => Promise<void> = async () => undefined) {
    this.#noted = noted;
  }

  /** Calls with each transaction that was applied from now on, in its own turn: the listener must be quick. Returns the unsubscribe. */
  onApplied(listener: AppliedListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get view(): View {
    return this.#tables;
  }

  apply(index: number, command: Uint8Array): ApplyResult {
    const transaction = decode('Transaction', command);
    const result = applyTransaction(this.#tables, index, transaction);
    if (!result.ok) return result;
    const { atMs, audit } = transaction;
    for (const listener of this.#listeners) listener({ index, atMs, audit, changes: result.changes });
    this.watch.publish(result.changes);
    return result;
  }

  skip(index: number): void {
    this.#tables.advanceTo(index);
  }

  capture(): Chunks {
    const { pieces } = snapshotPieces(this.#tables);
    const noted = this.#noted;
    return (async function* () {
      await noted();
      for (const piece of pieces) yield framed(piece);
    })();
  }

  async restore(index: number, contents: Chunks): Promise<void> {
    let builder: SnapshotBuilder | undefined;
    for await (const piece of unframed(contents)) {
      builder ??= new SnapshotBuilder(piece.index);
      builder.add(piece);
    }
    const tables = (builder ?? new SnapshotBuilder(index)).build();
    tables.advanceTo(index);
    this.#tables = tables;
    for (const listener of this.#listeners) listener('replaced');
    this.watch.publishResync();
  }
}
