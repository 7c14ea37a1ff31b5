import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { TsoError } from '@tso/proto';
import { UsageError } from './exit-codes.ts';
import type { Io } from './io.ts';
import { readUpTo } from './read-up-to.ts';

/** Longer than any secret of ours: who pipes in something else is told so instead of waited for. */
const longestBytes = 4096;

const tooLong = (what: string): TsoError =>
  new TsoError('INVALID_ARGUMENT', `${what} is longer than ${longestBytes} bytes, so it is something else`);

/** All of standard input, as text without white space around it. */
const fromPipe = async (io: Io, what: string): Promise<string> =>
  (await readUpTo(io.stdin, longestBytes, () => tooLong(what))).toString().trim();

/** The line after one more chunk of keys. Return ends it, Ctrl-C and Ctrl-D give up, Ctrl-U begins anew. */
const typed = (before: string, keys: string): { readonly line: string; readonly end?: 'line' | 'given up' } => {
  let line = before;
  for (const key of keys) {
    if (key === '\r' || key === '\n') return { line, end: 'line' };
    if (key === '\u0003' || key === '\u0004') return { line, end: 'given up' };
    if (key === '\u0015') line = '';
    else if (key === '\u007f' || key === '\b') line = line.slice(0, -1);
    else if (key >= ' ') line += key;
  }
  return { line };
};

/** One line from the terminal that is not shown while it is typed. CANCELLED: Ctrl-C, Ctrl-D, or the end of the terminal. */
const fromTerminal = async (io: Io, prompt: string): Promise<string> => {
  io.stderr.write(prompt);
  io.setRawTerminal(true);
  try {
    return await new Promise<string>((done, reject) => {
      let line = '';
      const giveUp = () => reject(new TsoError('CANCELLED', 'nothing was entered'));
      io.stdin.on('data', (chunk) => {
        const next = typed(line, Buffer.from(chunk).toString());
        line = next.line;
        if (next.end === 'line') done(line.trim());
        else if (next.end === 'given up') giveUp();
      });
      io.stdin.on('end', giveUp);
      io.stdin.resume();
    });
  } finally {
    io.stdin.pause();
    io.setRawTerminal(false);
    io.stderr.write('\n');
  }
};

/** A secret that a person types unseen, or that is piped in. It never is an argument: those can be read by everyone on the machine. */
export const askSecret = (io: Io, what: string): Promise<string> =>
  io.stdin.isTTY === true ? fromTerminal(io, `${what}: `) : fromPipe(io, what);

/** A secret kept in a file, or standard input for `-`. INVALID_ARGUMENT: it is empty. */
export const secretOfFile = async (io: Io, file: string, what: string): Promise<string> => {
  const text = file === '-' ? await askSecret(io, what) : textOf(resolve(io.cwd, file), what);
  if (text === '') throw new TsoError('INVALID_ARGUMENT', `${what} in ${file === '-' ? 'standard input' : file} is empty`);
  return text;
};

const textOf = (path: string, what: string): string => {
  const text = fileText(path, what);
  if (Buffer.byteLength(text) > longestBytes) throw tooLong(`${what} in ${path}`);
  return text.trim();
};

/** A file that an option names. A file that cannot be read is a wrong use: nothing was asked of anyone yet. */
export const fileText = (path: string, what: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'you may not read it' : (code ?? String(error));
    throw new UsageError(`cannot read ${what} from ${path}: ${why}`);
  }
};
