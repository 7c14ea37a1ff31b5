import { type FileContent, FileKind, type FileMount, type FileSpec, fileBounds } from '@tso/proto';
import { FileProblem } from '../file-port.ts';
import type { FileModel, FileReferenceModel, Named, ServiceModel } from '../model.ts';
import { cleanPath, isAbsolutePath } from '../paths.ts';
import { pathText, type TreePath } from '../tree.ts';
import { type ConvertInput, tell } from './context.ts';

/** Secrets and configs: what the file declares, what it says they hold, and where services want them. */

type Kind = 'secrets' | 'configs';

const kinds: readonly Kind[] = ['secrets', 'configs'];
const kindOf = { secrets: FileKind.SECRET_FILE, configs: FileKind.CONFIG_FILE } as const;
const wordOf = { secrets: 'secret', configs: 'config' } as const;

/** Bytes that one may hold, as the manager checks them too. */
export const mostBytes: Readonly<Record<Kind, number>> = { secrets: fileBounds.secretBytes, configs: fileBounds.configBytes };

const declared = (input: ConvertInput, kind: Kind): Named<FileModel> => input.model[kind] ?? {};

const clusterName = (input: ConvertInput, kind: Kind, key: string): string =>
  declared(input, kind)[key]?.name ?? `${input.model.name}_${key}`;

/** An id of a user or group: 0 unless said, or told: a name would not be read alike by every host. */
const toId = (input: ConvertInput, said: string | undefined, path: TreePath): number => {
  if (said === undefined || said === '') return 0;
  if (/^\d{1,10}$/.test(said) && Number(said) < 2 ** 32) return Number(said);
  tell(input, 'E202', path, `'${said}' is not the number of a user or group (${pathText(path)})`, 'write its number: "1000"');
  return 0;
};

const toMode = (input: ConvertInput, said: string | undefined, path: TreePath): number => {
  if (said === undefined || said === '') return 0o444;
  const mode = Number.parseInt(said, 8);
  if (mode <= 0o777) return mode;
  tell(
    input,
    'E202',
    path,
    `the mode ${said} says more than who may read, write and execute (${pathText(path)})`,
    'write one up to "0777"',
  );
  return 0o444;
};

/** Absolute and clean; '' and told: it leads out of where it may be, or names a folder. */
const toTarget = (input: ConvertInput, kind: Kind, reference: FileReferenceModel, path: TreePath): string => {
  const said = reference.target ?? reference.source ?? '';
  const base = kind === 'secrets' ? '/run/secrets' : '';
  const steps = said.split('/');
  if (steps.includes('..') || ['', '.'].includes(steps.at(-1) ?? '') || said.includes('\0')) {
    const hint = kind === 'secrets' ? 'write a path, or a name that is to stand in /run/secrets' : 'write an absolute path';
    tell(input, 'E202', [...path, 'target'], `'${said}' is not the path of a file in the container (${pathText(path)})`, hint);
    return '';
  }
  return cleanPath(isAbsolutePath(said) ? said : `${base}/${said}`);
};

/** The files that a service's containers get, by target; one that a mount or another one takes already is E305. */
export const toFileMounts = (
  input: ConvertInput,
  service: ServiceModel,
  name: string,
  mounted: ReadonlySet<string>,
): readonly FileMount[] => {
  const found = new Map<string, FileMount>();
  for (const kind of kinds) {
    for (const [index, reference] of (service[kind] ?? []).entries()) {
      const path = ['services', name, kind, index];
      const target = toTarget(input, kind, reference, path);
      if (target === '') continue;
      if (found.has(target) || mounted.has(target))
        tell(input, 'E305', path, `two mounts of service ${name} have the target ${target}`, `give the ${wordOf[kind]} another target`);
      found.set(target, {
        kind: kindOf[kind],
        name: clusterName(input, kind, reference.source ?? ''),
        target,
        uid: toId(input, reference.uid, [...path, 'uid']),
        gid: toId(input, reference.gid, [...path, 'gid']),
        mode: toMode(input, reference.mode, [...path, 'mode']),
      });
    }
  }
  return [...found.values()].toSorted((a, b) => (a.target < b.target ? -1 : 1));
};

interface Used {
  readonly kind: Kind;
  readonly key: string;
  readonly file: FileModel;
}

/** Those that a service of the project takes; one that only a build takes stays with the build. */
const used = (input: ConvertInput): readonly Used[] =>
  kinds.flatMap((kind) => {
    const keys = new Set(Object.values(input.model.services).flatMap((service) => (service[kind] ?? []).map(({ source }) => source ?? '')));
    return Object.entries(declared(input, kind)).flatMap(([key, file]) => (keys.has(key) ? [{ kind, key, file }] : []));
  });

const isTemplate = (input: ConvertInput, { kind, key, file }: Used): boolean => {
  const driver = file.template_driver ?? '';
  if (driver === '' || driver === 'golang') return driver === 'golang';
  const path = [kind, key, 'template_driver'];
  tell(input, 'E401', path, `the template driver ${driver} of the ${wordOf[kind]} ${key} is not supported yet`, 'use golang, or remove it');
  return false;
};

/** What a file or variable of the project holds; undefined, and told at `path`: it is not there. Never says what. */
export const readContent = (input: ConvertInput, file: FileModel, what: string, path: TreePath): Uint8Array | undefined => {
  if (file.content !== undefined) return new TextEncoder().encode(file.content);
  if (file.environment !== undefined) {
    const value = input.lookup(file.environment);
    if (value !== undefined) return new TextEncoder().encode(value);
    const message = `the variable ${file.environment}, which the ${what} is to hold, is not set`;
    tell(input, 'E121', [...path, 'environment'], message, `set it: ${file.environment}=… tso up`);
    return undefined;
  }
  if (file.file === undefined) return undefined;
  try {
    return input.files.readBytes(file.file);
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    tell(input, 'E101', [...path, 'file'], `the file of the ${what}, ${file.file}, ${error.reason}`, 'check the path');
    return undefined;
  }
};

const toContent = (input: ConvertInput, { kind, key, file }: Used): Uint8Array | undefined => {
  const what = `${wordOf[kind]} ${key}`;
  const path = [kind, key];
  const data = readContent(input, file, what, path);
  if (data === undefined) return undefined;
  const most = mostBytes[kind];
  const at = [...path, ...(['file', 'environment', 'content'] as const).filter((way) => file[way] !== undefined)];
  if (data.length > most)
    tell(input, 'E402', at, `the ${what} has ${data.length} bytes; the most are ${most}`, 'keep what is large in a volume or an image');
  else if (data.length === 0 && kind === 'secrets')
    tell(input, 'W401', at, `the ${what} is empty`, 'give it what it is to hold, or leave it out');
  return data;
};

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, index) => byte === b[index]);

/** What the stack has of secrets and configs. */
interface StackFiles {
  /** By kind and name. */
  readonly specs: readonly FileSpec[];
  /** What those that are not external hold. Never to be shown. */
  readonly contents: readonly FileContent[];
}

/** The secrets and configs that services take (E101, E121, E305, E401, E402, W401). */
export const toStackFiles = (input: ConvertInput): StackFiles => {
  const specs = new Map<string, FileSpec>();
  const contents = new Map<string, FileContent>();
  let beyond: TreePath | undefined;
  let bytes = 0;
  for (const one of used(input)) {
    const { kind, key, file } = one;
    const spec: FileSpec = {
      kind: kindOf[kind],
      name: clusterName(input, kind, key),
      external: file.external === true,
      labels: file.labels ?? {},
      template: isTemplate(input, one),
    };
    const id = `${spec.kind} ${spec.name}`;
    const data = spec.external ? undefined : toContent(input, one);
    const before = contents.get(id);
    const known = specs.get(id);
    if (
      known !== undefined &&
      (known.external !== spec.external || (data !== undefined && before !== undefined && !sameBytes(data, before.data)))
    )
      tell(input, 'E305', [kind, key], `two ${kind} have the name ${spec.name} and hold different things`, 'give one of them another name');
    specs.set(id, spec);
    if (data === undefined) continue;
    contents.set(id, { kind: spec.kind, name: spec.name, data });
    bytes += data.length - (before?.data.length ?? 0);
    if (bytes > fileBounds.togetherBytes) beyond ??= [kind, key];
  }
  if (beyond !== undefined) {
    const message = `the secrets and configs of the project have ${bytes} bytes together; the most are ${fileBounds.togetherBytes}`;
    tell(input, 'E402', beyond, message, 'keep what is large in a volume or an image');
  }
  const ordered = <T extends { readonly kind: FileKind; readonly name: string }>(items: Iterable<T>): readonly T[] =>
    [...items].toSorted((a, b) => a.kind - b.kind || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return { specs: ordered(specs.values()), contents: ordered(contents.values()) };
};
