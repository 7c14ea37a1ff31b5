import { createReadStream, existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { TsoError } from '@tso/proto';
import type { EngineProgress } from './engine-client.ts';
import type { Io } from './io.ts';
import { observePull, startPull } from './view-model/pull-progress.ts';

/** The file, or standard input for `-`. */
export const openInput = (io: Io, file: string): Readable => {
  if (file === '-') {
    if (io.stdin.isTTY === true) {
      throw new TsoError('INVALID_ARGUMENT', 'an archive cannot be read from a terminal', { hint: 'Name a file, or pipe the archive in.' });
    }
    return io.stdin as unknown as Readable;
  }
  const path = resolve(io.cwd, file);
  if (!existsSync(path)) throw new TsoError('NOT_FOUND', `there is no file ${path}`);
  if (!statSync(path).isFile()) throw new TsoError('INVALID_ARGUMENT', `${path} is not a file`, { hint: 'Name a tar archive.' });
  return createReadStream(path, { highWaterMark: 1024 * 1024 });
};

/** Shows a pull, load or import as it goes: drawn on a terminal, else one line per change. The result: all it said beside its progress. */
export const showTransfer = async (io: Io, lines: AsyncIterable<EngineProgress>, quiet: boolean): Promise<readonly string[]> => {
  const said: string[] = [];
  let state = startPull;
  const listeners = new Set<() => void>();
  const live = quiet ? undefined : await liveView(io, { current: () => state, subscribe: subscribeTo(listeners) });
  try {
    for await (const message of lines) {
      state = observePull(state, message);
      for (const listener of listeners) listener();
      const text = (message.stream ?? message.status ?? '').trim();
      if (text !== '' && message.progressDetail === undefined) said.push(text);
      if (!quiet && live === undefined && state.line !== undefined) io.stderr.write(`${state.line}\n`);
    }
  } finally {
    await live?.();
  }
  if (live !== undefined) io.stderr.write(said.map((text) => `${text}\n`).join(''));
  return said;
};

const subscribeTo =
  (listeners: Set<() => void>) =>
  (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };

type PullSource = import('./ui/pull-view.tsx').PullSource;

const liveView = async (io: Io, source: PullSource): Promise<(() => Promise<void>) | undefined> => {
  if (io.stderr.isTTY !== true || io.env.TERM === 'dumb') return undefined;
  try {
    const { showPull } = await import('./ui/pull-view.tsx');
    return showPull(source, io.stderr as NodeJS.WriteStream);
  } catch (error) {
    // From the sources JSX cannot be loaded: lines then.
    if ((error as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_FILE_EXTENSION') return undefined;
    throw error;
  }
};
