import type { Report } from '../diagnostics.ts';
import { get, isMap, type MapNode, record, type TreeNode, textOf, withEntry } from '../tree.ts';
import type { Rewrite } from './context.ts';
import { each, keys, serviceForms, values } from './service.ts';
import { toBoolean, toInteger, toLabels, toText, toTextList } from './values.ts';

/** `external: {name: x}`, the old form, becomes `external: true` and `name: x`; W401 says so. */
export const toExternal: Rewrite = (node, path, context) => {
  if (!isMap(node)) return node;
  const external = get(node, 'external');
  if (external === undefined) return node;
  if (!isMap(external)) return withEntry(node, 'external', toBoolean(external, [...path, 'external'], context));
  const name = get(external, 'name');
  const flagged = withEntry(node, 'external', { kind: 'scalar', value: true, at: external.at });
  return name === undefined || get(node, 'name') !== undefined ? flagged : withEntry(flagged, 'name', name);
};

const chain =
  (...rewrites: readonly Rewrite[]): Rewrite =>
  (node, path, context) =>
    rewrites.reduce((done, rewrite) => rewrite(done, path, context), node);

const included: Rewrite = (node, path, context) => {
  const long = textOf(node) === undefined ? node : record({ path: node }, node.at);
  return keys({ path: toTextList, env_file: toTextList })(long, path, context);
};

const network = keys({
  driver_opts: values(toText),
  internal: toBoolean,
  attachable: toBoolean,
  enable_ipv4: toBoolean,
  enable_ipv6: toBoolean,
  labels: toLabels,
});

const document = keys({
  version: toText,
  include: each(included),
  services: values(keys(serviceForms)),
  networks: values(chain(toExternal, network)),
  volumes: values(chain(toExternal, keys({ driver_opts: values(toText), labels: toLabels }))),
  secrets: values(chain(toExternal, keys({ driver_opts: values(toText), labels: toLabels }))),
  configs: values(chain(toExternal, keys({ labels: toLabels }))),
  models: values(keys({ context_size: toInteger, runtime_flags: toTextList })),
});

/**
 * A sound file's tree with every value in its one long form: lists of KEY=VALUE as mappings, ports and volumes spelled out, commands
 * as words, sizes as bytes, durations as Go writes them, texts that stand for numbers and booleans as such. E204 for what cannot be read.
 */
export const toLongForms = (tree: MapNode, report: Report, interpolated: boolean): MapNode => {
  const done: TreeNode = document(tree, [], { report, interpolated });
  return isMap(done) ? done : tree;
};
