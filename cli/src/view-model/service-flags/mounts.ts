import { FileKind, type FileMount, type Mount } from '@tso/proto';
import { type Attributes, FlagProblem, type FlagTools, fieldsOf, put, type ServiceFlag, truth, withContainer, without } from './flag.ts';

interface Said {
  readonly [key: string]: string;
}

/** Words of docker's for the same. */
const aliases: Readonly<Record<string, string>> = {
  src: 'source',
  dst: 'target',
  destination: 'target',
  ro: 'readonly',
  'volume-nocopy': 'nocopy',
};

const keysOf: Readonly<Record<string, readonly string[]>> = {
  bind: ['source', 'target', 'readonly', 'bind-propagation', 'bind-recursive'],
  volume: ['source', 'target', 'readonly', 'nocopy', 'volume-subpath'],
  tmpfs: ['target', 'tmpfs-size', 'tmpfs-mode'],
  image: ['source', 'target', 'image-subpath'],
};

const readMount = (flag: string, text: string): Said => {
  const said: Said = Object.fromEntries(fieldsOf(flag, text).map(([key, value]) => [aliases[key] ?? key, value]));
  const type = said.type ?? 'volume';
  const keys = Object.hasOwn(keysOf, type) ? keysOf[type] : undefined;
  if (keys === undefined)
    throw new FlagProblem(`--${flag} ${text}: ${type} is not a type of mount`, `Use ${Object.keys(keysOf).join(', ')}.`);
  const unknown = Object.keys(said).find((key) => key !== 'type' && !keys.includes(key));
  if (unknown !== undefined) throw new FlagProblem(`--${flag} ${text}: a ${type} has no ${unknown}`, `It has ${keys.join(', ')}.`);
  if (said.target === undefined) throw new FlagProblem(`--${flag} ${text}: it does not say where`, 'Add target=/PATH.');
  if (type === 'bind' && said.source?.startsWith('/') !== true)
    throw new FlagProblem(`--${flag} ${text}: the source of a bind is a path of the nodes from / on`);
  return { ...said, type };
};

const defined = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));

const mountAttributes = (flag: string, said: Said): Attributes => {
  const isReadOnly = said.readonly === undefined ? undefined : truth(flag, 'readonly', said.readonly);
  const nocopy = said.nocopy === undefined ? undefined : truth(flag, 'volume-nocopy', said.nocopy);
  const parts: Readonly<Record<string, Attributes>> = {
    bind: { bind: defined({ propagation: said['bind-propagation'], recursive: said['bind-recursive'], create_host_path: false }) },
    volume: { volume: defined({ nocopy, subpath: said['volume-subpath'] }) },
    tmpfs: { tmpfs: defined({ size: said['tmpfs-size'], mode: said['tmpfs-mode'] }) },
    image: { image: defined({ subpath: said['image-subpath'] }) },
  };
  const source = said.type === 'volume' && said.source !== undefined ? 'it' : said.source;
  return defined({ type: said.type, source, target: said.target, read_only: isReadOnly, ...parts[said.type ?? ''] });
};

const madeMounts = (flag: string, text: string, { parse, fullName }: FlagTools): readonly Mount[] => {
  const said = readMount(flag, text);
  const named = said.type === 'volume' && said.source !== undefined;
  const top = named ? { volumes: { it: { external: true, name: fullName('volume', said.source ?? '') } } } : {};
  return parse(flag, text, { volumes: [mountAttributes(flag, said)] }, top).task.container.mounts;
};

const mounts: readonly ServiceFlag[] = [
  {
    name: 'mount-rm',
    value: '<target>',
    text: 'remove the mount at a path of the container',
    repeatable: true,
    apply: (spec, values) => {
      const kept = without(
        'mount-rm',
        spec.task.container.mounts,
        values,
        ({ target }, word) => target === word,
        ({ target }) => target,
      );
      return withContainer(spec, { mounts: kept });
    },
  },
  {
    name: 'mount-add',
    value: '<mount>',
    text: 'type=volume,source=data,target=/data; also bind, tmpfs and image',
    repeatable: true,
    apply: (spec, values, tools) => {
      const made = values.flatMap((one) => madeMounts('mount-add', one, tools));
      return withContainer(spec, { mounts: put(spec.task.container.mounts, made, ({ target }) => target) });
    },
  },
];

type FileWord = 'secret' | 'config';

const fileKeys = ['source', 'target', 'uid', 'gid', 'mode'];

/** `key`, or `source=key,target=/run/key,mode=0400`. */
const madeFiles = (word: FileWord, text: string, { parse, fullName }: FlagTools): readonly FileMount[] => {
  const flag = `${word}-add`;
  const fields = text.includes('=')
    ? fieldsOf(flag, text).map(([key, value]) => [aliases[key] ?? key, value] as const)
    : [['source', text] as const];
  const unknown = fields.find(([key]) => !fileKeys.includes(key));
  if (unknown !== undefined) throw new FlagProblem(`--${flag} ${text}: ${unknown[0]} is not known`, `There are ${fileKeys.join(', ')}.`);
  const said = Object.fromEntries(fields);
  const name = said.source ?? '';
  if (name === '') throw new FlagProblem(`--${flag} ${text}: there is no source`, 'Write source=NAME,target=PATH.');
  const mode = said.mode === undefined ? {} : { mode: said.mode };
  // Where a file says no target it lies under the name that the service calls it by.
  const target = said.target ?? (word === 'secret' ? name : `/${name}`);
  const entry = { ...said, ...mode, source: 'it', target };
  const top = { [`${word}s`]: { it: { external: true, name: fullName(word, name) } } };
  return parse(flag, text, { [`${word}s`]: [entry] }, top).task.container.files;
};

const kinds: Readonly<Record<FileWord, FileKind>> = { secret: FileKind.SECRET_FILE, config: FileKind.CONFIG_FILE };

const sorted = (files: readonly FileMount[]): readonly FileMount[] =>
  files.toSorted((a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : 0));

const fileFlags = (word: FileWord): readonly ServiceFlag[] => [
  {
    name: `${word}-rm`,
    value: `<${word}>`,
    text: `take a ${word} away`,
    repeatable: true,
    apply: (spec, values, { fullName }) => {
      const kept = without(
        `${word}-rm`,
        spec.task.container.files,
        values,
        ({ kind, name }, said) => kind === kinds[word] && (name === said || name === fullName(word, said)),
        ({ name }) => name,
      );
      return withContainer(spec, { files: kept });
    },
  },
  {
    name: `${word}-add`,
    value: `<${word}>`,
    text: `give it a ${word}: its name, or source=key,target=/run/key,mode=0400`,
    repeatable: true,
    apply: (spec, values, tools) => {
      const made = values.flatMap((one) => madeFiles(word, one, tools));
      return withContainer(spec, { files: sorted(put(spec.task.container.files, made, ({ target }) => target)) });
    },
  },
];

/** What is mounted into containers. */
export const mountFlags: readonly ServiceFlag[] = [...mounts, ...fileFlags('secret'), ...fileFlags('config')];
