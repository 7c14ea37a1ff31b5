#!/usr/bin/env -S node --
// Behind -- no word of the user is for Node.js, which would otherwise read --env-file wherever it stands.
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Compiled code is kept between runs, which saves about 10 ms of each start. Never in the shared temporary directory: who can
 * write there could hand us code.
 */
const compileCacheDir = (): string =>
  process.getuid?.() === 0 ? '/var/cache/tso' : join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tso');

if (process.env.NODE_COMPILE_CACHE === undefined) module.enableCompileCache(compileCacheDir());

// The reader of a pipe may leave early (`tso logs | head`): that is no failure worth a stack trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 141 : 1));
// Nobody hears what is told there, as when the terminal is gone: what was begun is still brought to its end, and cleared away.
process.stderr.on('error', () => undefined);

const { flushed, processIo, run } = await import('./index.ts');
const code = await run(process.argv.slice(2), processIo());
// What a slow reader has not taken yet would be lost with the process.
for (const output of [process.stdout, process.stderr]) await flushed(output);
process.exit(code);
