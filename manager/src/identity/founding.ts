import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Authority, sentenceOf, TsoError } from '@tso/proto';
import type { NewIdentity } from '@tso/proto/pki';

/** What a cluster is founded with. */
export interface Founding {
  readonly clusterId: string;
  readonly authority: Authority;
}

export interface FoundingPorts {
  /** Makes the authority and the certificate of its first manager. */
  readonly make: () => Promise<Founding & { readonly identity: NewIdentity }>;
  /** The same authority's certificate for the same manager once more. */
  readonly issue: (founding: Founding) => Promise<NewIdentity>;
  readonly hasIdentity: () => Promise<boolean>;
  readonly writeIdentity: (identity: NewIdentity) => Promise<unknown>;
}

const fileOf = (stateDir: string): string => join(stateDir, 'founding.json');

const writeDurably = async (stateDir: string, text: string): Promise<void> => {
  const path = fileOf(stateDir);
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  const directory = await open(stateDir, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
};

/** The founding that was begun and is not in the store yet. DATA_LOSS: its file is damaged. */
export const readFounding = async (stateDir: string): Promise<Founding | undefined> => {
  let text: string;
  try {
    text = await readFile(fileOf(stateDir), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as Founding;
  } catch (error) {
    throw new TsoError('DATA_LOSS', `the file ${fileOf(stateDir)} is damaged: ${sentenceOf(error)}`, {
      hint: 'Nothing was lost yet: remove the state directory and begin anew',
      cause: error,
    });
  }
};

/**
 * Founds a cluster: its authority is durable before anything is signed by it, and stays until the store has it, so that a crash anywhere
 * between is gone on from.
 */
export const prepareFounding = async (stateDir: string, ports: FoundingPorts): Promise<Founding> => {
  const begun = await readFounding(stateDir);
  if (begun !== undefined) {
    if (!(await ports.hasIdentity())) await ports.writeIdentity(await ports.issue(begun));
    return begun;
  }
  const { identity, clusterId, authority } = await ports.make();
  const founding = { clusterId, authority };
  await writeDurably(stateDir, JSON.stringify(founding));
  await ports.writeIdentity(identity);
  return founding;
};

/** The store has it: the file with its key is not needed any more. */
export const forgetFounding = async (stateDir: string): Promise<void> => {
  await rm(fileOf(stateDir), { force: true });
};
