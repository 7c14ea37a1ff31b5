import {
  type Config,
  type FileContent,
  FileKind,
  type ListConfigsReply,
  type ListSecretsReply,
  type Secret,
  type SecretView,
  TsoError,
} from '@tso/proto';
import { limits } from '../limits.ts';
import { fileWord, keyOfFile, namedFile, usersByFile, usersOfFile } from '../rules/files.ts';
import type { View } from '../store/view.ts';
import { badName, invalid, textBytes } from './validate-shared.ts';

/** What secrets and configs have in common, but for their bytes. */
export type NamedFile = Pick<FileContent, 'kind' | 'name'>;

const exhausted = (message: string, hint: string): TsoError => new TsoError('RESOURCE_EXHAUSTED', message, { hint });

/** As people are told of it: secret shop_key. */
export const fileText = ({ kind, name }: NamedFile): string => `${fileWord(kind)} ${name}`;

/** What one of that kind may hold. */
const mostBytes = (kind: FileKind): number => (kind === FileKind.SECRET_FILE ? limits.files.secretBytes : limits.files.configBytes);

/** Why a secret or config cannot have that name, or undefined. */
export const fileNameProblem = ({ kind, name }: NamedFile): TsoError | undefined => badName(fileWord(kind), name);

/** Why it cannot hold that much, or undefined. */
export const fileSizeProblem = (file: NamedFile, bytes: number): TsoError | undefined => {
  const most = mostBytes(file.kind);
  if (bytes <= most) return undefined;
  const elsewhere = file.kind === FileKind.SECRET_FILE ? 'a secret is a key or a password' : 'keep it in a volume or the image';
  return exhausted(`${fileText(file)} has ${bytes} bytes, it may have ${most}`, `Split it; ${elsewhere}`);
};

/** Why its labels cannot be kept, or undefined. */
export const fileLabelsProblem = (file: NamedFile, labels: Config['labels']): TsoError | undefined => {
  const bytes = textBytes(labels);
  if (bytes <= limits.files.labelBytes) return undefined;
  return exhausted(
    `the labels of ${fileText(file)} take up to ${bytes} bytes, they may take ${limits.files.labelBytes}`,
    'Keep the text in its data',
  );
};

/** What somebody wants to write by hand. */
interface WrittenFile {
  readonly name: string;
  readonly data: Uint8Array;
  readonly labels: Config['labels'];
}

/** Why it cannot be written, or undefined. INVALID_ARGUMENT: its name. RESOURCE_EXHAUSTED: it is too large. */
export const fileProblem = (kind: FileKind, { name, data, labels }: WrittenFile): TsoError | undefined => {
  const file = { kind, name };
  return fileNameProblem(file) ?? fileSizeProblem(file, data.length) ?? fileLabelsProblem(file, labels);
};

export const fileMissing = (file: NamedFile): TsoError =>
  new TsoError('NOT_FOUND', `there is no ${fileText(file)}`, {
    hint: file.kind === FileKind.SECRET_FILE ? 'tso secrets ls lists them' : 'tso configs ls lists them',
    details: { name: file.name },
  });

/** Why nobody changes it by hand: a stack made it, and would go on thinking that it holds what its file says. */
export const ownedByStack = (view: View, file: NamedFile): TsoError | undefined => {
  const stack = namedFile(view, file)?.stack ?? '';
  if (stack === '' || view.stackByName(stack) === undefined) return undefined;
  return new TsoError('FAILED_PRECONDITION', `${fileText(file)} belongs to stack ${stack}`, {
    hint: `Change the file of stack ${stack} and apply it again`,
    details: { name: file.name, stack, outcome: 'refused' },
  });
};

const shownUsers = 5;

/** Because these services would not find it when they are applied again. */
const fileInUse = (view: View, file: NamedFile): TsoError | undefined => {
  const users = usersOfFile(view, file);
  if (users.length === 0) return undefined;
  const more = users.length > shownUsers ? ` and ${users.length - shownUsers} more` : '';
  const who = `${users.length === 1 ? 'service' : 'services'} ${users.slice(0, shownUsers).join(', ')}${more}`;
  return new TsoError('FAILED_PRECONDITION', `${fileText(file)} is in use by ${who}`, {
    hint: 'Take it out of their files and apply them first',
    details: { name: file.name, services: users, outcome: 'refused' },
  });
};

/** Who changed it when, and to what, but for the data itself. */
const lastChange = ({ changedBy = '', meta, data, labels }: Config | Secret): Readonly<Record<string, unknown>> => ({
  changedBy,
  changedAtMs: meta.updatedAtMs,
  changes: [
    { path: 'data', from: '', to: `${data.length} bytes` },
    ...Object.entries(labels).map(([key, to]) => ({ path: `labels.${key}`, from: '', to })),
  ],
});

/** The refusal of a change that was made for another version than `actual` (0: it is not there); it shows who made it. */
export const otherVersion = (file: NamedFile, expected: number, actual: number, there: Config | Secret | undefined): TsoError => {
  const { name } = file;
  const is = actual === 0 ? 'does not exist' : `is at version ${actual}`;
  const wished = expected === 0 ? 'it was not to exist yet' : `version ${expected} was expected`;
  const isThat = there !== undefined && there.meta.version === actual;
  return new TsoError('CONFLICT', `${fileText(file)} ${is}: ${wished}`, {
    hint: 'Read it again and repeat the change',
    details: {
      name,
      expected,
      actual,
      outcome: 'refused',
      ...(isThat ? lastChange(there) : {}),
    },
  });
};

/**
 * Why it cannot be removed by hand, or undefined. NOT_FOUND; CONFLICT: another version than expected; FAILED_PRECONDITION: services use it, or
 * it is a stack's own.
 */
export const fileRemovalProblem = (view: View, file: NamedFile, expected: number | undefined): TsoError | undefined => {
  if (expected === 0) return invalid(`${fileText(file)} cannot be removed on condition that it does not exist`, 'Expect version 1 or more');
  const there = namedFile(view, file);
  if (there === undefined) return fileMissing(file);
  const { version } = there.meta;
  if (expected !== undefined && expected !== version) return otherVersion(file, expected, version, there);
  return fileInUse(view, file) ?? ownedByStack(view, file);
};

const noData = new Uint8Array();

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);

/** All of them by name, without their data. */
export const listConfigs = (view: View): ListConfigsReply => {
  const configs = [...view.configs()].sort(byName);
  const users = usersByFile(view);
  return {
    configs: configs.map((config) => ({ ...config, data: noData })),
    version: view.index,
    uses: configs.map(({ name, data }) => ({
      sizeBytes: data.length,
      usedBy: users.get(keyOfFile({ kind: FileKind.CONFIG_FILE, name })) ?? [],
    })),
  };
};

/**
 * All that anybody is told of a secret.
 * @param users as `usersByFile` gives them
 */
export const secretView = ({ name, labels, meta, stack, data }: Secret, users: ReadonlyMap<string, readonly string[]>): SecretView => ({
  name,
  labels,
  meta,
  stack,
  sizeBytes: data.length,
  usedBy: users.get(keyOfFile({ kind: FileKind.SECRET_FILE, name })) ?? [],
});

/** All of them by name. */
export const listSecrets = (view: View): ListSecretsReply => {
  const users = usersByFile(view);
  return { secrets: [...view.secrets()].sort(byName).map((secret) => secretView(secret, users)), version: view.index };
};
