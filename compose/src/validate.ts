import { meantHint, type Report } from './diagnostics.ts';
import { type SchemaError, validate } from './gen/compose-validator.js';
import { composeSchema } from './schema/compose.schema.ts';
import { schemaAt } from './schema/shared-parts.ts';
import {
  get,
  isNull,
  kindText,
  type MapNode,
  pathText,
  placeOf,
  scalarText,
  type TreeNode,
  type TreePath,
  textOf,
  toPlain,
} from './tree.ts';

/** Where in the file a mistake is, and what stands there. */
const placeIn = (root: MapNode, pointer: string): { readonly path: TreePath; readonly node: TreeNode } => {
  const path: (string | number)[] = [];
  let node: TreeNode = root;
  for (const raw of pointer.split('/').slice(1)) {
    const step = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(node.kind === 'list' ? Number(step) : step);
    const below: TreeNode | undefined = node.kind === 'list' ? node.items[Number(step)] : get(node, step);
    // The validator names only what is there.
    if (below === undefined) break;
    node = below;
  }
  return { path, node };
};

const typeWords: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'empty',
};

const either = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? 'nothing') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

const subject = (path: TreePath): string => (path.length === 0 ? 'the file' : pathText(path));

const durations = ['stop_grace_period', 'interval', 'timeout', 'start_period', 'start_interval', 'delay', 'monitor', 'window'];

/** What to write for a mapping that stands where a list has text: `- KEY: value` for `KEY=value`, mostly. */
const entryHint = (parent: string | number | undefined, key: string, value: TreeNode): string => {
  if (parent === 'depends_on' || parent === 'networks') return `leave out the dashes: ${parent}: {${key}: …}`;
  if (value.kind !== 'scalar' || value.value === null) return `leave out the dash: ${key}: …`;
  const text = scalarText(value);
  return `write - ${key}=${text}, or leave out the dash: ${key}: ${text}`;
};

const typeHint = (path: TreePath, node: TreeNode, wanted: readonly string[]): string | undefined => {
  const last = path.at(-1);
  const takes = (type: string): boolean => wanted.includes(type);
  if (last === 'environment' || last === 'labels') return 'write KEY: value lines, or a list of KEY=value';
  if (isNull(node)) return 'remove the key, or give it a value';
  if (node.kind !== 'scalar') {
    const [only, ...others] = node.kind === 'map' && typeof last === 'number' ? node.entries : [];
    return only === undefined || others.length > 0 ? undefined : entryHint(path.at(-2), only[0], only[1].value);
  }
  const text = scalarText(node);
  if (takes('array')) return `write a list: ${String(last)}: ["${text}"]`;
  if (takes('object') && !takes('string')) return `write a mapping: ${String(last)}: {KEY: value}`;
  if (typeof node.value === 'number' && durations.includes(String(last))) return `write the unit: ${text}s`;
  if (takes('boolean') && !takes('string')) return 'write true or false';
  if (takes('string') && typeof node.value !== 'string') return `quote it to make it text: "${text}"`;
  return undefined;
};

/** More of them help nobody to find the one that was meant. */
const mostKeysListed = 20;

const unknownKey = (error: SchemaError, root: MapNode, path: TreePath, report: Report): void => {
  const key = String(error.params['additionalProperty']);
  const at = [...path, key];
  const known = Object.keys(schemaAt(composeSchema, path).properties ?? {});
  if (known.length === 0) {
    report.at('E202', placeOf(root, at), 'key', at, `the name '${key}' in ${subject(path)} is not allowed`, {
      hint: 'names use letters, digits, dot, dash and underscore',
    });
    return;
  }
  const where = path.length === 0 ? 'at the top of a compose file' : `in ${pathText(path)}`;
  const listed = known.length > mostKeysListed ? 'keys of your own start with x-' : `known keys: ${known.toSorted().join(', ')}`;
  // Of thousands of strange keys only the first are told: the others need no hint.
  const hint = (report.isFull ? undefined : meantHint(key, known)) ?? listed;
  report.at('E200', placeOf(root, at), 'key', at, `unknown key '${key}' ${where}`, { hint });
};

const allowedText = (error: SchemaError, path: TreePath): string => {
  const schema = schemaAt(composeSchema, path);
  switch (error.keyword) {
    case 'enum':
      return `must be one of ${(schema.enum ?? []).join(', ')}`;
    case 'minimum':
      return `must be at least ${schema.minimum}`;
    case 'maximum':
      return `must be at most ${schema.maximum}`;
    case 'pattern':
      return `does not have the allowed form (${schema.pattern})`;
    default:
      return 'is not allowed';
  }
};

const addError = (error: SchemaError, root: MapNode, report: Report): void => {
  const { path, node } = placeIn(root, error.instancePath);
  const place = placeOf(root, path);
  if (error.keyword === 'additionalProperties') unknownKey(error, root, path, report);
  else if (error.keyword === 'type') {
    const types = error.params['type'] as string | readonly string[];
    const wanted = [types].flat().map((type) => typeWords[type] ?? type);
    report.at('E201', place, 'value', path, `${subject(path)} must be ${either(wanted)}, but is ${kindText(node)}`, {
      hint: typeHint(path, node, [types].flat()),
    });
  } else if (error.keyword === 'required') {
    const missing = String(error.params['missingProperty']);
    report.at('E203', place, 'key', path, `${subject(path)} lacks the key '${missing}'`, { hint: `add ${missing}: …` });
  } else {
    const allowed = error.keyword === 'enum' && node.kind === 'scalar' ? (schemaAt(composeSchema, path).enum ?? []) : [];
    const meant = node.kind === 'scalar' ? meantHint(scalarText(node), allowed.map(String)) : undefined;
    report.at('E202', place, 'value', path, `${subject(path)} ${allowedText(error, path)}, but is ${kindText(node)}`, { hint: meant });
  }
};

/** What a check found: sound, unsound as a whole, or only in these parts: `services.web.ports`, `services.web`, `include`. */
export interface Soundness {
  readonly whole: boolean;
  readonly unsoundParts: readonly TreePath[];
}

const sections = ['services', 'networks', 'volumes', 'configs', 'secrets', 'models'];

/** The least part to be left out that takes the mistake with it, and leaves the rest with its sense: an attribute of a service, or all of what is named. */
const partOf = (path: TreePath): TreePath => {
  const [kind, , attribute] = path;
  if (!sections.includes(String(kind))) return path.slice(0, 1);
  // Without what it runs, or what it is based on, a service says something else.
  return ['image', 'build', 'extends', 'external'].includes(String(attribute)) ? path.slice(0, 2) : path.slice(0, 3);
};

/**
 * Checks one file's tree against the specification's shape: E200 to E203 for each mistake. With `interpolated` false, texts that
 * hold a variable are not judged.
 */
export const validateTree = (root: MapNode, report: Report, interpolated: boolean): Soundness => {
  if (validate(toPlain(root))) return { whole: true, unsoundParts: [] };
  const errors = (validate.errors ?? []).filter(({ instancePath }) => {
    const text = textOf(placeIn(root, instancePath).node);
    return interpolated || text === undefined || !text.includes('$');
  });
  const parts: TreePath[] = [];
  for (const error of errors) {
    addError(error, root, report);
    const { path } = placeIn(root, error.instancePath);
    // A stray key spoils nothing beside it, and nothing has judged what it holds.
    const stray = error.keyword === 'additionalProperties' ? [String(error.params['additionalProperty'])] : [];
    parts.push(partOf([...path, ...stray]));
  }
  return { whole: parts.every((part) => part.length > 0), unsoundParts: parts };
};
