import { type SnapshotPart, TsoError, toTsoError } from '@tso/proto';
import { type Duplex, Raft } from '@tso/proto/rpc';
import type { Message } from '../../core/index.ts';
import type { TransportOwner } from '../ports.ts';
import { type ConnectionOptions, channelTo } from './connection.ts';
import { toWire } from './message-codec.ts';
import { recut } from './recut.ts';

type Call = Duplex<SnapshotPart, { readonly applied: number }>;

/**
 * One snapshot on its way to one peer, over a connection of its own: what waits in the buffers of that one delays no heartbeat.
 * It is over when the peer has it on disk, when the peer refuses it, when nothing moves for too long, or when it is cancelled.
 */
export class SnapshotSender {
  readonly #options: ConnectionOptions;
  readonly #owner: Pick<TransportOwner, 'openSnapshot'>;
  #failure: TsoError | undefined;
  #abandon: ((error: TsoError) => void) | undefined;
  #cancelTimer: () => void = () => undefined;

  constructor(options: ConnectionOptions, owner: Pick<TransportOwner, 'openSnapshot'>) {
    this.#options = options;
    this.#owner = owner;
  }

  /** Resolves when it is durable at the peer. */
  async send(message: Message): Promise<void> {
    const wanted = message.snapshot;
    if (wanted === undefined) throw new TsoError('INTERNAL', 'a MsgSnap without a snapshot');
    const { meta, contents } = await this.#owner.openSnapshot(wanted.index);
    if (meta.index !== wanted.index || meta.term !== wanted.term) {
      throw new TsoError('FAILED_PRECONDITION', `snapshot ${wanted.index} of term ${wanted.term} is not there any more`);
    }
    this.#throwIfFailed();
    const channel = channelTo(this.#options);
    try {
      await this.#stream(channel.client({ snapshot: Raft.snapshot }).snapshot(), message, contents);
    } finally {
      this.#cancelTimer();
      channel.destroy();
    }
  }

  cancel(error: TsoError): void {
    this.#failure ??= error;
    this.#abandon?.(this.#failure);
  }

  async #stream(call: Call, message: Message, contents: AsyncIterable<Uint8Array>): Promise<void> {
    const { hello, limits } = this.#options;
    const receipt = call[Symbol.asyncIterator]().next();
    receipt.then(
      ({ done }) => {
        if (done === true) this.cancel(new TsoError('UNAVAILABLE', 'the peer has ended the stream without a receipt'));
      },
      (error: unknown) => this.cancel(toTsoError(error)),
    );
    try {
      let sizeBytes = 0;
      await this.#part(call, { start: { hello, message: toWire(message) } });
      for await (const chunk of recut(contents, limits.snapshotChunkBytes)) {
        sizeBytes += chunk.length;
        await this.#part(call, { chunk });
      }
      await this.#part(call, { end: { sizeBytes } });
      await this.#within(limits.snapshotReceiptMs, 'the peer did not make the snapshot durable', (done) => {
        receipt.then(done, () => undefined);
      });
      this.#throwIfFailed();
    } finally {
      call.cancel();
    }
  }

  #part(call: Call, part: SnapshotPart): Promise<void> {
    return this.#within(this.#options.limits.snapshotStallMs, 'the peer takes no more of the snapshot', (done) => call.write(part, done));
  }

  #within(ms: number, what: string, begin: (done: () => void) => void): Promise<void> {
    this.#throwIfFailed();
    this.#cancelTimer = this.#options.clock.setTimer(ms, () => this.cancel(new TsoError('DEADLINE_EXCEEDED', `${what} within ${ms} ms`)));
    return new Promise<void>((resolve, reject) => {
      this.#abandon = reject;
      begin(resolve);
    }).finally(() => {
      this.#cancelTimer();
      this.#abandon = undefined;
    });
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}
