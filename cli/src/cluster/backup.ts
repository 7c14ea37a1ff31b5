import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { TsoError } from '@tso/proto';
import { headerBytes, isSealed, seal, unseal } from '../backup-seal.ts';
import type { Call } from '../command-host.ts';
import { type ControlClient, withControl } from '../control-client.ts';
import { ensureDaemon } from '../daemon-start.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { type Io, writeOut } from '../io.ts';
import { jsonDocument } from '../output/json.ts';
import { sizeText } from '../output/table.ts';
import { writePrivateFile } from '../private-file.ts';
import { secretOfFile } from '../read-secret.ts';
import { unlessGivenUp } from '../while-wanted.ts';

export interface BackupOptions {
  readonly output: string;
  readonly passphraseFile?: string;
}

async function* partsOf(control: ControlClient, signal: AbortSignal): AsyncIterable<Uint8Array> {
  let sizeBytes = 0;
  for await (const { data } of control.backup({}, { signal })) {
    sizeBytes += data.length;
    yield data;
  }
  if (sizeBytes === 0)
    throw new TsoError('DATA_LOSS', 'the manager sent a backup with nothing in it', { hint: 'Try again, or ask another manager.' });
}

const toStdout = async (io: Io, chunks: AsyncIterable<Uint8Array>): Promise<number> => {
  if (io.stdout.isTTY === true) throw new UsageError('a backup is not for a terminal', 'Name a file with -o, or pipe it on.');
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    await writeOut(io.stdout, chunk);
    sizeBytes += chunk.length;
  }
  return sizeBytes;
};

const passphraseOf = (io: Io, file: string | undefined): Promise<string | undefined> =>
  file === undefined ? Promise.resolve(undefined) : secretOfFile(io, file, 'the passphrase');

const keysWarning = 'It holds the keys of the cluster and all its secrets: keep it as safe as those. --passphrase-file seals it.\n';

/** `tso backup`. */
export const backup = async ({ io, options, context, json }: Call<BackupOptions>): Promise<number> => {
  const { output } = options;
  const passphrase = await passphraseOf(io, options.passphraseFile);
  // A half-written file holds keys: it is taken away before the process ends.
  const sizeBytes = await unlessGivenUp(io, (signal) =>
    withControl(context, io.uid, (control) => {
      const parts = partsOf(control, signal);
      const chunks = passphrase === undefined ? parts : seal(parts, passphrase);
      return output === '-' ? toStdout(io, chunks) : writePrivateFile(io.cwd, output, chunks);
    }),
  );
  if (sizeBytes === undefined) {
    io.stderr.write(output === '-' ? 'The backup was cut short.\n' : `The backup was cut short: nothing was written to ${output}.\n`);
    return exitCodes.interrupted;
  }
  if (output === '-') return exitCodes.done;
  const sealed = passphrase !== undefined;
  if (json) io.stdout.write(jsonDocument({ file: resolve(io.cwd, output), sizeBytes, sealed }));
  else if (!options.quiet)
    io.stderr.write(
      `${output}: ${sizeText(sizeBytes)}${sealed ? ', sealed' : ''}. ${sealed ? 'Without its passphrase nobody can restore it.\n' : keysWarning}`,
    );
  return exitCodes.done;
};

export interface RestoreOptions {
  readonly passphraseFile?: string;
  readonly force?: boolean;
  readonly advertiseAddr?: string;
  readonly listenAddr?: string;
}

const fileBytes = (io: Io, file: string): AsyncIterable<Uint8Array> => {
  if (file !== '-') return createReadStream(resolve(io.cwd, file), { highWaterMark: 1024 * 1024 });
  if (io.stdin.isTTY === true) throw new UsageError('a backup cannot be read from a terminal', 'Name its file, or pipe it in.');
  return io.stdin as AsyncIterable<Uint8Array>;
};

const unreadable = (file: string, error: unknown): UsageError => {
  const { code, message } = error as NodeJS.ErrnoException;
  const why =
    code === 'ENOENT'
      ? 'there is no such file'
      : code === 'EISDIR'
        ? 'it is a folder'
        : code === 'EACCES'
          ? 'you may not read it'
          : message;
  return new UsageError(`cannot read ${file}: ${why}`);
};

/** Its first bytes, enough to tell what it is, and all of it. */
const startOf = async (io: Io, file: string): Promise<{ readonly start: Buffer; readonly whole: AsyncIterable<Uint8Array> }> => {
  const iterator = fileBytes(io, file)[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  try {
    while (start.length < headerBytes) {
      const next = await iterator.next();
      if (next.done) break;
      start = Buffer.concat([start, next.value]);
    }
  } catch (error) {
    throw unreadable(file, error);
  }
  return { start, whole: all(start, iterator) };
};

async function* all(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** What the file holds, once its first bytes have shown that it can be read with what was given. */
const contentsOf = async (io: Io, file: string, passphrase: string | undefined): Promise<AsyncIterable<Uint8Array>> => {
  const { start, whole } = await startOf(io, file);
  if (start.length === 0) throw new TsoError('DATA_LOSS', `${file} is empty, so it is no backup`);
  const sealed = isSealed(start);
  if (sealed && passphrase === undefined) {
    throw new UsageError(`${file} is sealed`, 'Give the file with its passphrase: --passphrase-file FILE (- for standard input).');
  }
  // Who believes it to be sealed should hear that it is not: then it is not the file that was meant.
  if (!sealed && passphrase !== undefined)
    throw new UsageError(`${file} is not sealed`, 'Leave --passphrase-file out if it is the right file.');
  return passphrase === undefined ? whole : (await unseal(whole, passphrase)).contents;
};

/** `tso restore`: this host becomes the first manager of a cluster with that state. */
export const restore = async (call: Call<RestoreOptions>): Promise<number> => {
  const { io, engine, options, args, json } = call;
  const [file = ''] = args;
  if (file === '-' && options.passphraseFile === '-') throw new UsageError('backup and passphrase cannot both come from standard input');
  const contents = await contentsOf(io, file, await passphraseOf(io, options.passphraseFile));
  await ensureDaemon(call);
  const restored = await engine.call<{ readonly NodeID: string; readonly ClusterID: string }>({
    method: 'POST',
    path: '/swarm/restore',
    query: { force: options.force ? '1' : undefined, advertiseAddr: options.advertiseAddr, listenAddr: options.listenAddr },
    body: Readable.from(contents),
    contentType: 'application/octet-stream',
  });
  if (json) io.stdout.write(jsonDocument({ nodeId: restored.NodeID, clusterId: restored.ClusterID }));
  else {
    io.stdout.write(`${restored.NodeID}\n`);
    io.stderr.write(`Cluster ${restored.ClusterID} is restored, with this host as its only manager. Its other nodes: tso node ls\n`);
  }
  return exitCodes.done;
};
