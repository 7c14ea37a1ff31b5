import { type AgentMessage, type Clock, type Logger, sentenceOf } from '@tso/proto';
import { limits } from './limits.ts';

interface Stream {
  send(message: AgentMessage): Promise<void>;
  cancel(): void;
}

/**
 * Both directions of "still there" on one session: tells the manager by heartbeats, which it answers each, and cancels the stream
 * when nothing came from it for too long.
 */
export class SessionPulse {
  readonly #stream: Stream;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #silenceMs: number = limits.welcomeMs;
  #cancelSilence: () => void = () => undefined;
  #cancelBeat: () => void = () => undefined;

  constructor(stream: Stream, ports: { readonly clock: Clock; readonly logger: Logger }) {
    this.#stream = stream;
    this.#clock = ports.clock;
    this.#logger = ports.logger;
  }

  /** From now on the manager is to say something, first its welcome. */
  listen(): void {
    this.#cancelSilence();
    this.#cancelSilence = this.#clock.setTimer(this.#silenceMs, () => {
      this.#logger.warn({ silenceMs: this.#silenceMs }, 'the manager says nothing any more');
      this.#stream.cancel();
    });
  }

  /** It said something; while that is worked on, nothing more can be heard. */
  heard(): void {
    this.#cancelSilence();
  }

  /** Begins to beat. */
  beat(intervalMs: number): void {
    this.#silenceMs = intervalMs * limits.silentBeats;
    this.#cancelBeat();
    let sequence = 0;
    const once = (): void => {
      sequence += 1;
      this.#stream
        .send({ heartbeat: { sequence } })
        .catch((error: unknown) => this.#logger.debug({ error: sentenceOf(error) }, 'no heartbeat was sent'));
      this.#cancelBeat = this.#clock.setTimer(intervalMs, once);
    };
    this.#cancelBeat = this.#clock.setTimer(intervalMs, once);
  }

  stop(): void {
    this.#cancelSilence();
    this.#cancelBeat();
  }
}
