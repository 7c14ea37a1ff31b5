import { ChannelQueue } from '@tso/proto/rpc';
import type { ExecProcess } from '../runtime/types.ts';

const queueLimit = 10_000;

/** A process run by exec that does what a test says. */
export class FakeProcess implements ExecProcess {
  readonly stdout = new ChannelQueue<Uint8Array>(queueLimit);
  readonly stderr = new ChannelQueue<Uint8Array>(queueLimit);
  readonly signals: string[] = [];
  readonly written: string[] = [];
  inputEnded = false;
  /** Does not read what is written to it: a write never resolves. */
  deaf = false;
  readonly exitCode: Promise<number>;
  readonly #heeds: readonly string[];
  readonly #exited = Promise.withResolvers<number>();

  /** @param heeds signals that end it */
  constructor(heeds: readonly string[] = ['SIGHUP', 'SIGKILL']) {
    this.#heeds = heeds;
    this.exitCode = this.#exited.promise;
  }

  say(text: string): void {
    this.stdout.push(Buffer.from(text));
  }

  exit(code: number): void {
    this.stdout.end();
    this.stderr.end();
    this.#exited.resolve(code);
  }

  async write(data: Uint8Array): Promise<void> {
    this.written.push(Buffer.from(data).toString());
    if (this.deaf) await this.exitCode;
  }

  endInput(): void {
    this.inputEnded = true;
  }

  resize(): void {}

  kill(signal: string): void {
    this.signals.push(signal);
    if (this.#heeds.includes(signal)) this.exit(129);
  }
}
