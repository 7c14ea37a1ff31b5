import { type Clock, type Lifecycle, type Logger, type RelayFrame, type RelayRequest, sentenceOf, TsoError } from '@tso/proto';
import type { Dispatcher, Duplex, RpcClient } from '@tso/proto/rpc';
import type { Images } from '../image/types.ts';
import { limits } from '../limits.ts';
import type { Containers } from '../runtime/types.ts';
import { patiently } from '../task/patience.ts';
import type { Worker } from '../worker.ts';
import { copyOutFrames, relayCopyIn } from './copy.ts';
import { relayExec } from './exec.ts';
import { errorFrame } from './frame.ts';
import { relayImageIn, relayImageOut } from './images.ts';
import { logFrames } from './logs.ts';
import { signalFrames } from './signal.ts';
import { statsFrames } from './stats.ts';
import { topFrames } from './top.ts';

export interface RelaysPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly containers: Pick<Containers, 'exec' | 'logPath' | 'observe' | 'kill' | 'stats' | 'usage' | 'processes' | 'files'>;
  readonly images: Pick<Images, 'findDigest' | 'name' | 'takeIn' | 'save'>;
  readonly worker: Pick<Worker, 'hostname' | 'isAlive' | 'onStatus' | 'task'>;
}

/** Serves what the manager asks for on the session: each relay is a call of its own that this agent opens. */
export class Relays implements Lifecycle {
  readonly #ports: RelaysPorts;
  readonly #running = new Map<string, { readonly controller: AbortController; readonly served: Promise<void> }>();
  #stopped = false;

  constructor(ports: RelaysPorts) {
    this.#ports = ports;
  }

  async start(): Promise<void> {
    this.#stopped = false;
  }

  /** How many are served just now. */
  get count(): number {
    return this.#running.size;
  }

  /** Returns at once; the relay goes on by itself. */
  open(request: RelayRequest, dispatcher: Pick<RpcClient<typeof Dispatcher>, 'relay'>): void {
    if (this.#stopped || this.#running.has(request.relayId)) return;
    const controller = new AbortController();
    const served = this.#serve(request, dispatcher, controller)
      .catch((error: unknown) => this.#ports.logger.debug({ relayId: request.relayId, error: sentenceOf(error) }, 'a relay ended early'))
      .finally(() => {
        controller.abort();
        this.#running.delete(request.relayId);
      });
    this.#running.set(request.relayId, { controller, served });
  }

  /** Breaks one off: nobody wants it any more. */
  cancel(relayId: string): void {
    this.#running.get(relayId)?.controller.abort();
  }

  /** Breaks them all off, and waits a moment for the commands they ran to end. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const all = Promise.all([...this.#running.values()].map(({ served }) => served));
    for (const { controller } of this.#running.values()) controller.abort();
    try {
      await patiently(all, { what: 'streams to clients', limitMs: limits.relaysStopMs }, this.#ports.clock);
    } catch (error) {
      this.#ports.logger.warn(
        { count: this.#running.size, error: sentenceOf(error) },
        'some streams to clients are left to end by themselves',
      );
    }
  }

  async #serve(request: RelayRequest, dispatcher: Pick<RpcClient<typeof Dispatcher>, 'relay'>, controller: AbortController): Promise<void> {
    const frames = dispatcher.relay({ signal: controller.signal });
    const inbox = frames[Symbol.asyncIterator]();
    try {
      await frames.send({ open: request.relayId });
      await this.#carry(request, frames, inbox, controller);
    } catch (error) {
      await frames.send(errorFrame(error));
    }
    // The last frame is on its way until the other side has closed the call; breaking it off now could lose that.
    frames.end();
    await patiently(readOut(inbox), { what: 'the other side', limitMs: limits.relaysStopMs }, this.#ports.clock);
  }

  async #carry(
    request: RelayRequest,
    frames: Duplex<RelayFrame, RelayFrame>,
    inbox: AsyncIterator<RelayFrame>,
    controller: AbortController,
  ): Promise<void> {
    if (this.#running.size > limits.relays)
      throw new TsoError('RESOURCE_EXHAUSTED', `this host already serves ${limits.relays} streams to tasks`);
    const { taskId, exec, copyIn, imageIn, imageOut } = request;
    const incoming = { [Symbol.asyncIterator]: () => ({ next: () => inbox.next() }) };
    if (exec !== undefined) return relayExec(taskId, exec, { frames, incoming }, this.#ports);
    if (copyIn !== undefined) return relayCopyIn(taskId, copyIn, { frames, incoming }, this.#ports);
    if (imageIn !== undefined) return relayImageIn(imageIn, { frames, incoming }, controller.signal, this.#ports);
    if (imageOut !== undefined) {
      void readOut(inbox).then(() => controller.abort());
      return relayImageOut(imageOut, frames, controller.signal, this.#ports);
    }
    const outgoing = this.#outgoing(request, controller.signal);
    // The other side has nothing to say here but its end.
    void readOut(inbox).then(() => controller.abort());
    for await (const frame of outgoing) await frames.send(frame);
  }

  /** The frames of what only tells. */
  #outgoing({ taskId, logs, stats, top, signal: asked, copyOut }: RelayRequest, signal: AbortSignal): AsyncIterable<RelayFrame> {
    if (logs !== undefined) return logFrames(taskId, logs, signal, this.#ports);
    if (stats !== undefined) return statsFrames(taskId, stats, signal, this.#ports);
    if (top !== undefined) return topFrames(taskId, this.#ports);
    if (asked !== undefined) return signalFrames(taskId, asked, this.#ports);
    if (copyOut !== undefined) return copyOutFrames(taskId, copyOut, signal, this.#ports);
    throw new TsoError('UNIMPLEMENTED', 'this agent does not know that kind of stream');
  }
}

/** Resolves when the other side says no more, or is gone. */
const readOut = async (inbox: AsyncIterator<RelayFrame>): Promise<void> => {
  try {
    while ((await inbox.next()).done !== true);
  } catch {
    // Gone is gone: whoever still sends finds out by that.
  }
};
