import { readFile, stat } from 'node:fs/promises';
import { formatHostPort, memberPort, parseHostPort, sentenceOf, TsoError } from '@tso/proto';
import { UsageError } from './exit-codes.ts';
import { writePrivateFile } from './private-file.ts';

/** What lets somebody work from another machine: where the managers are, whom to believe, and who one is. */
export interface ContextBundle {
  /** Whom the certificate names, as the audit log has it. */
  readonly name: string;
  /** host:port of managers, the best first; at least one. */
  readonly hosts: readonly string[];
  /** PEM of the roots that are trusted. */
  readonly ca: string;
  /** PEM of the certificate, behind it those between it and the root, if any. */
  readonly cert: string;
  /** PEM of its private key. */
  readonly key: string;
}

const kind = 'tso-context';
const version = 1;
const maxBytes = 1024 * 1024;

/** `tcp://host:port[,host:port…]`, or each with its own `tcp://`; without a port it is 2478. UsageError: it is none of these. */
export const parseHosts = (text: string): readonly string[] => {
  try {
    return text.split(',').map((part) => formatHostPort(parseHostPort(part.trim().replace(/^tcp:\/\//, ''), memberPort)));
  } catch (error) {
    throw new UsageError(sentenceOf(error), 'Name managers as tcp://host:port[,host:port].');
  }
};

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const damaged = (file: string, why: string, cause?: unknown): TsoError =>
  new TsoError('FAILED_PRECONDITION', `${file} is not a bundle of tso ca issue: ${why}`, {
    hint: 'Have another one made on a manager: tso ca issue NAME -o FILE.',
    details: { file },
    ...(cause === undefined ? {} : { cause }),
  });

/** FAILED_PRECONDITION: it is no bundle, which names no part of what it holds. */
export const parseBundle = (content: string, file: string): ContextBundle => {
  let parsed: Partial<Record<string, unknown>> | null;
  try {
    parsed = JSON.parse(content) as Partial<Record<string, unknown>> | null;
  } catch {
    // What a parser quotes could be part of the key.
    throw damaged(file, 'it is no JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || parsed.kind !== kind) throw damaged(file, `its kind is not ${kind}`);
  if (parsed.version !== version) throw damaged(file, `its version is ${String(parsed.version)}, this program reads ${version}`);
  const { hosts } = parsed;
  const [name, ca, cert, key] = [text(parsed.name), text(parsed.ca), text(parsed.cert), text(parsed.key)];
  if (!Array.isArray(hosts) || hosts.length === 0 || !hosts.every((host) => typeof host === 'string'))
    throw damaged(file, 'it names no hosts');
  if (name === undefined || ca === undefined || cert === undefined || key === undefined) {
    throw damaged(file, 'it lacks its name, a certificate or the key');
  }
  return { name, hosts: hosts.flatMap((host: string) => parseHosts(host)), ca, cert, key };
};

export const formatBundle = ({ name, hosts, ca, cert, key }: ContextBundle): string =>
  `${JSON.stringify({ kind, version, name, hosts, ca, cert, key }, undefined, 2)}\n`;

async function* once(content: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
}

/** Writes it for its owner only (0600), whole or not at all. FAILED_PRECONDITION, RESOURCE_EXHAUSTED: it cannot be written. */
export const writeBundle = async (cwd: string, file: string, bundle: ContextBundle): Promise<void> => {
  await writePrivateFile(cwd, file, once(formatBundle(bundle)));
};

/** NOT_FOUND: there is no such file. FAILED_PRECONDITION: it is no bundle, or others than its owner can read the key in it. */
export const readBundle = async (path: string): Promise<ContextBundle> => {
  let content: string;
  try {
    const { mode, size } = await stat(path);
    if ((mode & 0o077) !== 0) {
      throw new TsoError('FAILED_PRECONDITION', `others than its owner can read ${path}, which holds a private key`, {
        hint: `chmod 600 ${path}`,
        details: { file: path },
      });
    }
    if (size > maxBytes) throw damaged(path, 'it is too large');
    content = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof TsoError) throw error;
    const code = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'NOT_FOUND' : 'FAILED_PRECONDITION';
    throw new TsoError(code, `cannot read ${path}: ${sentenceOf(error)}`, { details: { file: path }, cause: error });
  }
  return parseBundle(content, path);
};
