import { isWindowsAbsolute } from '../paths.ts';
import { list, mapValues, pathText, record, scalarText, type TreeNode } from '../tree.ts';
import { type Rewrite, refuse } from './context.ts';
import { toBoolean, toBytes, toLabels } from './values.ts';

/** A mount in the long form, as the short form says it. */
export interface LongVolume {
  readonly type: 'bind' | 'volume';
  readonly source?: string;
  readonly target: string;
  readonly read_only?: true;
  readonly bind?: { readonly propagation?: string; readonly selinux?: string };
  readonly volume?: { readonly nocopy?: true; readonly subpath?: string };
}

const propagations = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'];
// Options of engines on other systems; they change nothing here and the specification allows them.
const withoutMeaning = ['rw', 'cached', 'delegated', 'consistent', 'default'];

/** Splits at colons that are neither a drive letter's (`C:\…`; `c:/…` is the volume c) nor inside `${…}`. */
const fields = (spec: string): readonly string[] => {
  const out: string[] = [];
  let field = '';
  let depth = 0;
  for (let index = 0; index < spec.length; index++) {
    const char = spec[index] ?? '';
    if (char === '$' && spec[index + 1] === '{') depth += 1;
    if (char === '}' && depth > 0) depth -= 1;
    const drive = /^[A-Za-z]$/.test(field) && depth === 0 && spec[index + 1] === '\\';
    if (char !== ':' || depth > 0 || drive) field += char;
    else {
      out.push(field);
      field = '';
    }
  }
  return [...out, field];
};

/** True for what names a place on the host, false for the name of a volume. */
export const isHostPath = (source: string): boolean => /^[./~]/.test(source) || isWindowsAbsolute(source);

interface Options {
  readOnly?: true;
  propagation?: string;
  selinux?: string;
  nocopy?: true;
  subpath?: string;
}

const readOptions = (text: string): Options | string => {
  const options: Options = {};
  for (const option of text.split(',')) {
    const lower = option.toLowerCase();
    if (lower === 'ro') options.readOnly = true;
    else if (option === 'z' || option === 'Z') options.selinux = option;
    else if (propagations.includes(lower)) options.propagation = lower;
    else if (lower === 'nocopy') options.nocopy = true;
    else if (lower.startsWith('subpath=')) options.subpath = option.slice('subpath='.length);
    else if (!withoutMeaning.includes(lower)) return `'${option}' is not a mount option`;
  }
  return options;
};

/** The mount that `[source:]target[:options]` means, or a reason why it means none. Source: compose-spec 05-services volumes, short syntax. */
export const parseVolume = (spec: string): LongVolume | string => {
  if (spec === '') return 'invalid empty volume spec';
  if (spec.length <= 2) return { type: 'volume', target: spec, volume: {} };
  const parts = fields(spec);
  if (parts.length > 3) return `invalid spec: ${spec}: too many colons`;
  if (parts.some((part) => part === '')) return `invalid spec: ${spec}: empty section between colons`;
  const [first = '', second, third = 'rw'] = parts;
  if (second === undefined) return { type: 'volume', target: first, volume: {} };
  const options = readOptions(third);
  if (typeof options === 'string') return `invalid spec: ${spec}: ${options}`;
  const readOnly = options.readOnly === true ? { read_only: true as const } : {};
  const bind = {
    ...(options.propagation === undefined ? {} : { propagation: options.propagation }),
    ...(options.selinux === undefined ? {} : { selinux: options.selinux }),
  };
  const volume = {
    ...(options.nocopy === true ? { nocopy: true as const } : {}),
    ...(options.subpath === undefined ? {} : { subpath: options.subpath }),
  };
  // What only the other kind can have stays said, so that the user hears that it does nothing here.
  const type = isHostPath(first) ? 'bind' : 'volume';
  const others = { ...(Object.keys(bind).length === 0 ? {} : { bind }), ...(Object.keys(volume).length === 0 ? {} : { volume }) };
  return { type, source: first, target: second, ...readOnly, ...(type === 'bind' ? { bind } : { volume }), ...others };
};

const nested = (
  node: TreeNode,
  rewrites: Readonly<Record<string, Rewrite>>,
  path: readonly (string | number)[],
  context: Parameters<Rewrite>[2],
) => (node.kind === 'map' ? mapValues(node, (value, key) => rewrites[key]?.(value, [...path, key], context) ?? value) : node);

const longVolume: Rewrite = (node, path, context) =>
  nested(
    node,
    {
      read_only: toBoolean,
      bind: (value, at) => nested(value, { create_host_path: toBoolean }, at, context),
      volume: (value, at) => nested(value, { nocopy: toBoolean, labels: toLabels }, at, context),
      tmpfs: (value, at) => nested(value, { size: toBytes, mode: toMode }, at, context),
    },
    path,
    context,
  );

/** File modes as octal text: `"0440"`. A number was written octal and read as such; text is octal digits. */
export const toMode: Rewrite = (node, path, context) => {
  if (node.kind !== 'scalar') return node;
  const isMode = typeof node.value === 'number' && Number.isInteger(node.value) && node.value >= 0 && node.value <= 0o7777;
  if (isMode) return { ...node, value: `0${node.value.toString(8)}` };
  const match = typeof node.value === 'number' ? null : /^(?:0o?)?([0-7]{1,4})$/.exec(String(node.value));
  if (match === null)
    return refuse(node, path, context, `${pathText(path)}: '${scalarText(node)}' is not a file mode`, 'write octal digits: "0440"');
  return { ...node, value: `0${match[1]?.replace(/^0+(?=.)/, '')}` };
};

export const toVolumes: Rewrite = (node, path, context) => {
  if (node.kind !== 'list') return node;
  const items = node.items.map((item, index) => {
    const at = [...path, index];
    if (item.kind !== 'scalar') return longVolume(item, at, context);
    const parsed = parseVolume(scalarText(item));
    if (typeof parsed === 'string')
      return refuse(item, at, context, `${pathText(at)}: ${parsed}`, 'write SOURCE:TARGET, for example data:/var/lib/data');
    const { bind, volume, ...plain } = parsed;
    return record(
      {
        ...plain,
        ...(bind === undefined ? {} : { bind: record(bind, item.at) }),
        ...(volume === undefined ? {} : { volume: record(volume, item.at) }),
      },
      item.at,
    );
  });
  return { ...list(items, node.at), ...(node.tag === undefined ? {} : { tag: node.tag }) };
};
