import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { TsoError } from '@tso/proto';
import type { Io } from '../io.ts';
import type { BuildHost } from './build-host.ts';

export interface RunOptions {
  /** Hears each line that it says, on either stream. */
  readonly onLine: (line: string) => void;
  /** Ends it: first it is asked to. */
  readonly signal: AbortSignal;
  /** For messages: `the build of service web`. */
  readonly what: string;
}

/** Of what it said, these many last lines are told with its failure. */
const lastLines = 12;
/** What it, and what it started, have to clear away after it was asked to end. */
const endMs = 5_000;

/**
 * Runs buildah to its end. FAILED_PRECONDITION with its exit code and what it said last; CANCELLED: the signal. No argument is repeated
 * in a message.
 */
export const runBuildah = (
  host: Pick<BuildHost, 'buildah' | 'storage'>,
  args: readonly string[],
  io: Pick<Io, 'env' | 'clock'>,
  options: RunOptions,
): Promise<void> => {
  const { onLine, signal, what } = options;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(cancelled(what));
    const child = spawn(host.buildah, [...host.storage, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: io.env });
    const said: string[] = [];
    const hear = (line: string): void => {
      onLine(line);
      said.push(line);
      if (said.length > lastLines) said.shift();
    };
    const lines = [child.stdout, child.stderr].map((stream) => createInterface({ input: stream }));
    for (const one of lines) one.on('line', hear);
    const allSaid = Promise.all(lines.map((one) => new Promise<void>((done) => one.once('close', done))));
    const outOfTime = Promise.withResolvers<void>();
    let cancelKill = (): void => undefined;
    const onAbort = (): void => {
      child.kill('SIGTERM');
      cancelKill = io.clock.setTimer(endMs, () => {
        child.kill('SIGKILL');
        outOfTime.resolve();
      });
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const settle = (error?: TsoError): void => {
      cancelKill();
      signal.removeEventListener('abort', onAbort);
      // What it started may hold them open for as long as it likes.
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    child.on('error', (error) =>
      settle(new TsoError('FAILED_PRECONDITION', `${what}: buildah cannot be run: ${error.message}`, { cause: error })),
    );
    child.on('exit', (code, killedBy) => {
      void Promise.race([allSaid, outOfTime.promise]).then(() => {
        if (signal.aborted) settle(cancelled(what));
        else if (code === 0) settle();
        else settle(failure(what, code, killedBy, said));
      });
    });
  });
};

const cancelled = (what: string): TsoError => new TsoError('CANCELLED', `${what} was interrupted`);

const failure = (what: string, code: number | null, killedBy: string | null, said: readonly string[]): TsoError => {
  const how = code === null ? `was ended by ${killedBy}` : `failed with exit code ${code}`;
  const why = said.findLast((line) => line.startsWith('Error: '))?.slice('Error: '.length) ?? said.at(-1) ?? 'it said nothing';
  return new TsoError('FAILED_PRECONDITION', `${what} ${how}: ${why}`, {
    details: { exitCode: code, lines: said },
    hint: 'tso build without -q shows all that it says',
  });
};
