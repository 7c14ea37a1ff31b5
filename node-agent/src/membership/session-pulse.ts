import { type AgentMessage, type Clock, type Logger, sentenceOf, type TaskUsage, TsoError } from '@tso/proto';
import { limits } from '../limits.ts';
import type { ConnectionStage } from './manager-connection.ts';

/** How a session went. */
export interface Ended {
  readonly wasWelcome: boolean;
  /** This node ended it: it could not do what it was told to. */
  readonly isOurs: boolean;
  readonly error: unknown;
  /** The other side said nothing any more. */
  readonly isSilent: boolean;
}

interface Stream {
  send(message: AgentMessage): Promise<void>;
  cancel(): void;
}

/**
 * Both directions of "still there" on one session: tells the manager by heartbeats, which it answers each, and cancels the stream
 * when nothing came from it for too long: first until its host answers, then until it is known who that is, then until the welcome, then
 * between two words.
 */
export class SessionPulse {
  readonly #stream: Stream;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #usage: () => readonly TaskUsage[];
  #silenceMs: number = limits.connectMs;
  #silence: TsoError | undefined;
  #beating = false;
  #stopped = false;
  #cancelSilence: () => void = () => undefined;
  #cancelBeat: () => void = () => undefined;

  /** @param ports.usage what was measured since the last heartbeat, to be said with the next */
  constructor(stream: Stream, ports: { readonly clock: Clock; readonly logger: Logger; readonly usage: () => readonly TaskUsage[] }) {
    this.#stream = stream;
    this.#clock = ports.clock;
    this.#logger = ports.logger;
    this.#usage = ports.usage;
  }

  /** How it ended: when it was cancelled here, because of that. */
  ended(error: unknown): Pick<Ended, 'error' | 'isSilent'> {
    return { error: this.#silence ?? error, isSilent: this.#silence !== undefined };
  }

  /** From now on the manager is to say something. */
  listen(): void {
    this.#cancelSilence();
    const silenceMs = this.#silenceMs;
    this.#cancelSilence = this.#clock.setTimer(silenceMs, () => {
      this.#silence = new TsoError('DEADLINE_EXCEEDED', `the manager said nothing for ${silenceMs / 1_000} s`);
      this.#stream.cancel();
    });
  }

  /** Somebody is there: to say who it is, and then to welcome, may take longer. */
  reached(stage: ConnectionStage): void {
    if (this.#beating || this.#stopped) return;
    this.#silenceMs = stage === 'connected' ? limits.handshakeMs : limits.welcomeMs;
    this.listen();
  }

  /** It said something; while that is worked on, nothing more can be heard. */
  heard(): void {
    this.#cancelSilence();
  }

  /** Begins to beat. */
  beat(intervalMs: number): void {
    this.#beating = true;
    this.#silenceMs = intervalMs * limits.silentBeats;
    this.#cancelBeat();
    let sequence = 0;
    const once = (): void => {
      sequence += 1;
      this.#stream
        .send({ heartbeat: { sequence, usage: this.#usage() } })
        .catch((error: unknown) => this.#logger.debug({ error: sentenceOf(error) }, 'no heartbeat was sent'));
      this.#cancelBeat = this.#clock.setTimer(intervalMs, once);
    };
    this.#cancelBeat = this.#clock.setTimer(intervalMs, once);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelSilence();
    this.#cancelBeat();
  }
}
