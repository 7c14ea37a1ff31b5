import { readFileSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { TsoError } from '@tso/proto';
import { localContext, type User } from './context.ts';
import { type ContextBundle, readBundle, writeBundle } from './context-bundle.ts';
import { UsageError } from './exit-codes.ts';
import { writePrivateFile } from './private-file.ts';

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const suffix = '.json';

const folderOf = (configDir: string): string => join(configDir, 'contexts');
const usedFile = (configDir: string): string => join(configDir, 'used-context');

/** Where the context of that name is kept. UsageError: it cannot be a name. */
const fileOf = (configDir: string, name: string): string => {
  if (namePattern.test(name) && name !== localContext) return join(folderOf(configDir), `${name}${suffix}`);
  const hint =
    name === localContext
      ? `${localContext} always means this host's own daemon; choose another name.`
      : 'It has up to 63 letters, digits, dots, dashes and underscores, and begins with a letter or digit.';
  throw new UsageError(`"${name}" cannot be the name of a context`, hint);
};

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** Sorted. */
export const listContexts = async (configDir: string): Promise<readonly string[]> => {
  try {
    const files = await readdir(folderOf(configDir));
    return files
      .filter((file) => file.endsWith(suffix))
      .map((file) => file.slice(0, -suffix.length))
      .filter((name) => namePattern.test(name))
      .sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
};

/** NOT_FOUND: there is none of that name. FAILED_PRECONDITION: others can read it, or it is damaged. */
export const readContext = async (configDir: string, name: string): Promise<ContextBundle> => {
  try {
    return await readBundle(fileOf(configDir, name));
  } catch (error) {
    if (!(error instanceof TsoError) || error.code !== 'NOT_FOUND') throw error;
    throw new TsoError('NOT_FOUND', `there is no context ${name}`, { hint: 'See which there are: tso context ls.', cause: error });
  }
};

/** Keeps it for its owner only: folders 0700, the file 0600. ALREADY_EXISTS: one of that name is there. */
export const createContext = async (configDir: string, name: string, bundle: ContextBundle): Promise<void> => {
  const file = fileOf(configDir, name);
  await mkdir(folderOf(configDir), { recursive: true, mode: 0o700 });
  if ((await listContexts(configDir)).includes(name)) {
    throw new TsoError('ALREADY_EXISTS', `there is a context ${name} already`, { hint: `Remove it first: tso context rm ${name}.` });
  }
  await writeBundle('/', file, bundle);
};

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** Commands that name no place go there from now on. NOT_FOUND: there is none of that name. */
export const chooseContext = async (configDir: string, name: string): Promise<void> => {
  if (name === localContext) {
    await rm(usedFile(configDir), { force: true });
    return;
  }
  await readContext(configDir, name);
  await writePrivateFile('/', usedFile(configDir), once(`${name}\n`));
};

/** NOT_FOUND: there is none of that name. FAILED_PRECONDITION: it is the one in use, and `force` is not given. */
export const removeContext = async (configDir: string, name: string, force: boolean): Promise<void> => {
  const file = fileOf(configDir, name);
  const used = usedContext(configDir) === name;
  if (used && !force) {
    throw new TsoError('FAILED_PRECONDITION', `context ${name} is in use`, {
      hint: `Use another one first: tso context use ${localContext}. Or add --force.`,
    });
  }
  if (!(await listContexts(configDir)).includes(name)) await readContext(configDir, name);
  if (used) await chooseContext(configDir, localContext);
  await rm(file, { force: true });
};

/** The name that `chooseContext` keeps; undefined: none. */
export const usedContext = (configDir: string): string | undefined => {
  try {
    const name = readFileSync(usedFile(configDir), 'utf8').trim();
    return name === '' ? undefined : name;
  } catch (error) {
    if (isMissing(error) || (error as NodeJS.ErrnoException).code === 'EACCES' || (error as NodeJS.ErrnoException).code === 'ENOTDIR')
      return undefined;
    throw error;
  }
};

const userName = (): string => {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry in the user data base, as in a container.
    return `uid ${process.getuid?.() ?? -1}`;
  }
};

/** Who runs this program. */
export const processUser: User = { name: userName, home: homedir, usedContext };
