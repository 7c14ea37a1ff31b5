import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstat, rmdir, unlink } from 'node:fs/promises';
import { TsoError } from '@tso/proto';
import { programPath } from '../host-command.ts';
import { decompressed } from './decompress.ts';
import { type FilterStep, LayerFilter, type LayerSummary } from './layer-filter.ts';
import type { IdShift } from './types.ts';

const tarArguments = (folder: string): readonly string[] => [
  '--extract',
  '--file=-',
  `--directory=${folder}`,
  '--numeric-owner',
  '--same-owner',
  '--same-permissions',
  // Whiteouts and opaque marks come last and touch folders again whose times are already set.
  '--delay-directory-restore',
  '--xattrs',
  '--xattrs-include=*',
];

const maxErrorText = 4096;

class TarProcess {
  readonly #child;
  readonly #ended: Promise<string | undefined>;
  #taken: Promise<void> = Promise.resolve();

  constructor(folder: string) {
    this.#child = spawn(programPath('tar'), tarArguments(folder), {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    });
    let text = '';
    this.#child.stderr.on('data', (chunk: Buffer) => {
      if (text.length < maxErrorText) text += chunk.toString();
    });
    // A tar that ended early breaks the pipe; why it ended is in `#ended`.
    this.#child.stdin.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      this.#child.on('error', (error) => resolve(error.message));
      this.#child.on('close', (code, signal) =>
        resolve(code === 0 ? undefined : text.trim() || `it ended with ${signal ?? `exit code ${code}`}`),
      );
    });
  }

  /** Resolves when tar has taken what came before, so that decompressing goes on while it takes this. */
  async write(parts: readonly Uint8Array[]): Promise<void> {
    await this.#taken;
    if (parts.length === 0) return;
    const bytes = Buffer.concat(parts);
    this.#taken = new Promise((resolve, reject) => {
      this.#child.stdin.write(bytes, (error) => (error ? this.#fail(error).catch(reject) : resolve()));
    });
    // Thrown to whoever writes or finishes next.
    this.#taken.catch(() => undefined);
  }

  async #fail(cause?: unknown): Promise<never> {
    const why = (await this.#ended) ?? 'it stopped reading';
    if (why.includes('No space left on device')) {
      throw new TsoError('RESOURCE_EXHAUSTED', 'unpacking a layer: the disk is full', {
        hint: 'Free some space or remove images: tso image rm NAME',
        cause,
      });
    }
    throw new TsoError('INTERNAL', `unpacking a layer failed: ${why.split('\n').slice(0, 3).join('; ')}`, { cause });
  }

  async finish(): Promise<void> {
    await this.#taken;
    this.#child.stdin.end();
    if ((await this.#ended) !== undefined) await this.#fail();
  }

  /** Ends it at once; resolves when it is gone and writes no more. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

export interface UnpackedLayer {
  /** Digest of the uncompressed tar. */
  readonly diffId: string;
  readonly summary: LayerSummary;
}

/**
 * Unpacks a layer (plain, gzip or zstd tar) into an empty folder; the digest of what was unpacked comes back for the caller to compare.
 *
 * Node cannot make device nodes or extended attributes, and one call per file through its thread pool is slow; GNU tar does all of it in
 * one process on another core. But a layer is hostile input, so GNU tar never sees it: `LayerFilter` parses each header and writes a tar
 * of its own, with canonical names whose every parent is a real directory made by this same stream, whiteouts already turned into what
 * overlayfs reads. GNU tar's own guards (no `..`, absolute symlinks made last) stay on as the second line.
 */
export const unpackLayer = async (
  source: AsyncIterable<Uint8Array>,
  folder: string,
  options: { readonly shift?: IdShift | undefined; readonly signal?: AbortSignal | undefined },
): Promise<UnpackedLayer> => {
  const filter = new LayerFilter({ shift: options.shift });
  const hash = createHash('sha256');
  let tar = new TarProcess(folder);
  const perform = async (steps: readonly FilterStep[]): Promise<void> => {
    for (const step of steps) {
      if (step.kind === 'bytes') await tar.write(step.parts);
      else {
        await tar.finish();
        for (const path of step.remove) await removeOne(folder, path);
        tar = new TarProcess(folder);
      }
    }
  };
  try {
    for await (const piece of decompressed(source)) {
      options.signal?.throwIfAborted();
      hash.update(piece);
      await perform(filter.push(piece));
    }
    const { rest, summary } = filter.finish();
    await perform(rest);
    await tar.finish();
    return { diffId: `sha256:${hash.digest('hex')}`, summary };
  } catch (error) {
    await tar.kill();
    throw error;
  }
};

/** Deletes what an earlier entry of the same layer made; every folder above it is a real one. */
const removeOne = async (folder: string, path: string): Promise<void> => {
  const target = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')]);
  if ((await lstat(target)).isDirectory()) await rmdir(target);
  else await unlink(target);
};
