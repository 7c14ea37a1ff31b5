import { FileKind, type FileMount, type FileVersion, type Task, TsoError } from '@tso/proto';
import { expandTemplate, type FileFunctions, type TemplateNode, withTemplates } from '../task/template.ts';

/** A secret or config of a task, ready to be mounted. */
export interface TaskFileContent {
  readonly mount: FileMount;
  readonly data: Uint8Array;
}

const words: Readonly<Record<FileKind, string>> = { [FileKind.CONFIG_FILE]: 'config', [FileKind.SECRET_FILE]: 'secret' };

/** Where a secret stands when a file says no place of its own. */
const secretsFolder = '/run/secrets/';

const missing = (task: Task, { kind, name }: FileMount): TsoError =>
  new TsoError('FAILED_PRECONDITION', `the ${words[kind]} ${name} of the service ${task.serviceName} was not sent to this node`, {
    hint: kind === FileKind.SECRET_FILE ? 'See that it is there: tso secrets ls' : 'See that it is there: tso configs ls',
  });

/** FAILED_PRECONDITION: it names none. */
const versionIdOf = (task: Task, mount: FileMount): string => {
  const ref = task.files.find(({ kind, name }) => kind === mount.kind && name === mount.name);
  if (ref === undefined) throw missing(task, mount);
  return ref.versionId;
};

/** A secret or config of a task that was not sent here yet. */
export interface AbsentFile {
  readonly mount: FileMount;
  readonly versionId: string;
}

/** What a task mounts of which `find` knows nothing, each once. FAILED_PRECONDITION: it names no version for one of its files. */
export const absentFiles = (task: Task, find: (versionId: string) => FileVersion | undefined): readonly AbsentFile[] => {
  const mounts = new Map(task.spec.container.files.map((mount) => [versionIdOf(task, mount), mount]));
  return [...mounts].flatMap(([versionId, mount]) => (find(versionId) === undefined ? [{ mount, versionId }] : []));
};

/** 'secret shop_key, config shop_page' */
export const fileWords = (files: readonly AbsentFile[]): string =>
  files.map(({ mount: { kind, name } }) => `${words[kind]} ${name}`).join(', ');

/** Why they are not waited for any longer. */
export const notSent = (task: Task, files: readonly AbsentFile[], withinMs: number): TsoError =>
  new TsoError(
    'FAILED_PRECONDITION',
    `${fileWords(files)} of the service ${task.serviceName} did not come from the manager within ${withinMs / 1_000} s`,
    { hint: 'See that it is there: tso secrets ls, tso configs ls' },
  );

/** Names by which a template may mean a mounted file: its place, its place below /run/secrets or the root, its own name. */
const namesOf = ({ target, name }: FileMount): readonly string[] => [
  target,
  target.startsWith(secretsFolder) ? target.slice(secretsFolder.length) : target.replace(/^\/+/, ''),
  name,
];

const textOf = (data: Uint8Array, what: string): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data);
  } catch (cause) {
    throw new TsoError('INVALID_ARGUMENT', `${what} is not text, so nothing can be filled in`, { cause });
  }
};

/** What the templates in a task's secrets and configs may ask for. Other files come as they are, so that two can name each other. */
const functionsOf = (task: Task, versionOf: (mount: FileMount) => FileVersion): FileFunctions => {
  const { env, files } = task.spec.container;
  const content =
    (kind: FileKind) =>
    (asked: string): string | undefined => {
      const mount = files.find((file) => file.kind === kind && namesOf(file).includes(asked));
      return mount === undefined ? undefined : textOf(versionOf(mount).data, `the ${words[kind]} ${asked}`);
    };
  return {
    env: (name) => env.findLast((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1),
    secret: content(FileKind.SECRET_FILE),
    config: content(FileKind.CONFIG_FILE),
  };
};

/**
 * What each secret and config of a task holds for it, in the order of its mounts, templates filled in (SwarmKit template/expand.go). No message
 * has anything of a content. FAILED_PRECONDITION: one was not sent here; INVALID_ARGUMENT: a template that cannot be filled in.
 */
export const taskFileContents = (
  task: Task,
  node: TemplateNode,
  find: (versionId: string) => FileVersion | undefined,
): readonly TaskFileContent[] => {
  const versionOf = (mount: FileMount): FileVersion => {
    const version = find(versionIdOf(task, mount));
    if (version === undefined) throw missing(task, mount);
    return version;
  };
  const { files } = task.spec.container;
  const expanded = files.some((mount) => versionOf(mount).template) ? withTemplates(task, node) : task;
  const functions = functionsOf(expanded, versionOf);
  return files.map((mount) => {
    const { template, data } = versionOf(mount);
    if (!template) return { mount, data };
    const what = `the ${words[mount.kind]} ${mount.name}`;
    try {
      return { mount, data: new TextEncoder().encode(expandTemplate(textOf(data, 'it'), expanded, node, functions)) };
    } catch (cause) {
      if (!(cause instanceof TsoError)) throw cause;
      if (mount.kind === FileKind.SECRET_FILE) throw new TsoError(cause.code, `${what}: something in double braces cannot be filled in`);
      throw new TsoError(cause.code, `${what}: ${cause.message}`, { cause, ...(cause.hint === undefined ? {} : { hint: cause.hint }) });
    }
  });
};
