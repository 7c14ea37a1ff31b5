import { type Logger, type RelayRequest, sentenceOf, TsoError } from '@tso/proto';
import type { Dispatcher, RpcClient } from '@tso/proto/rpc';
import { limits } from '../limits.ts';
import type { Containers } from '../runtime/types.ts';
import type { Worker } from '../worker.ts';
import { relayExec } from './exec.ts';
import { errorFrame } from './frame.ts';
import { logFrames } from './logs.ts';

export interface RelaysPorts {
  readonly logger: Logger;
  readonly containers: Containers;
  readonly worker: Worker;
}

/** Serves what the manager asks for on the session: each relay is a call of its own that this agent opens. */
export class Relays {
  readonly #ports: RelaysPorts;
  readonly #running = new Set<AbortController>();

  constructor(ports: RelaysPorts) {
    this.#ports = ports;
  }

  /** Returns at once; the relay goes on by itself. */
  open(request: RelayRequest, dispatcher: RpcClient<typeof Dispatcher>): void {
    const controller = new AbortController();
    this.#running.add(controller);
    this.#serve(request, dispatcher, controller)
      .catch((error: unknown) => this.#ports.logger.debug({ relayId: request.relayId, error: sentenceOf(error) }, 'a relay ended early'))
      .finally(() => {
        controller.abort();
        this.#running.delete(controller);
      });
  }

  async stop(): Promise<void> {
    for (const controller of this.#running) controller.abort();
  }

  async #serve(request: RelayRequest, dispatcher: RpcClient<typeof Dispatcher>, controller: AbortController): Promise<void> {
    const frames = dispatcher.relay({ signal: controller.signal });
    await frames.send({ open: request.relayId });
    try {
      if (this.#running.size > limits.relays)
        throw new TsoError('RESOURCE_EXHAUSTED', `this host already serves ${limits.relays} log and exec streams`);
      if (request.exec !== undefined) return await relayExec(request.taskId, request.exec, frames, this.#ports);
      if (request.logs === undefined) throw new TsoError('UNIMPLEMENTED', 'this agent does not know that kind of stream');
      const gone = this.#untilPeerLeaves(frames, controller);
      for await (const frame of logFrames(request.taskId, request.logs, controller.signal, this.#ports)) await frames.send(frame);
      frames.end();
      await gone;
    } catch (error) {
      await frames.send(errorFrame(error));
      frames.end();
    }
  }

  /** A log has nothing to hear from the other side but its end. */
  async #untilPeerLeaves(frames: AsyncIterable<unknown>, controller: AbortController): Promise<void> {
    try {
      for await (const _ of frames);
    } catch (error) {
      this.#ports.logger.debug({ error: sentenceOf(error) }, 'the reader of a log went away');
    }
    controller.abort();
  }
}
