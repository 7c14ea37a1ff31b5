import type { Report } from './diagnostics.ts';
import {
  type Entry,
  get,
  isList,
  isMap,
  isNull,
  type ListNode,
  type MapNode,
  mapValues,
  pathText,
  scalarText,
  type TreeNode,
  type TreePath,
  textOf,
  toExactPlain,
} from './tree.ts';

/**
 * Merging of trees in their long forms: a later file, or an extending service, over an earlier one.
 * Source: compose-spec 13-merge.
 */

const under = (path: TreePath): readonly (string | number)[] => (path[0] === 'services' && path.length > 2 ? path.slice(2) : []);

const scalarOf = (node: TreeNode | undefined): string => (node?.kind === 'scalar' && node.value !== null ? scalarText(node) : '');

/** What makes two items of a list the same thing; undefined: they never are. */
const identity = (path: TreePath, item: TreeNode): string | undefined => {
  if (item.kind === 'scalar') return `${typeof item.value}:${scalarText(item)}`;
  const field = under(path);
  if (field.length === 1) {
    switch (field[0]) {
      case 'ports':
        return `${scalarOf(get(item, 'host_ip'))}|${scalarOf(get(item, 'published'))}|${scalarOf(get(item, 'target'))}/${scalarOf(get(item, 'protocol'))}`;
      case 'volumes':
      case 'devices':
        return scalarOf(get(item, 'target')) || undefined;
      case 'secrets':
      case 'configs': {
        const prefix = field[0] === 'secrets' ? '/run/secrets/' : '/';
        const target = scalarOf(get(item, 'target')) || scalarOf(get(item, 'source'));
        return target.startsWith('/') ? target : prefix + target;
      }
      case 'env_file':
        return scalarOf(get(item, 'path'));
      default:
        return undefined;
    }
  }
  return path[0] === 'networks' && path.at(-1) === 'config' ? scalarOf(get(item, 'subnet')) || undefined : undefined;
};

/** Lists in which a later item of the same identity takes the earlier one's place; elsewhere the first one stays. */
const unique = (node: ListNode, path: TreePath): ListNode => {
  const at = new Map<string, number>();
  const items: TreeNode[] = [];
  for (const item of node.items) {
    const key = identity(path, item);
    const index = key === undefined ? undefined : at.get(key);
    if (key === undefined || index === undefined) {
      if (key !== undefined) at.set(key, items.length);
      items.push(item);
    } else if (item.kind !== 'scalar') items[index] = item;
  }
  return { ...node, items };
};

const replaced = (path: TreePath): boolean => {
  const field = under(path).join('.');
  return (
    field === 'command' ||
    field === 'entrypoint' ||
    field === 'healthcheck.test' ||
    (under(path)[0] === 'ulimits' && under(path).length === 2)
  );
};

const mergeLogging = (base: MapNode, over: MapNode, path: TreePath, report: Report): TreeNode => {
  const before = scalarOf(get(base, 'driver'));
  const after = scalarOf(get(over, 'driver'));
  return before !== '' && after !== '' && before !== after ? over : mergeMaps(base, over, path, report);
};

const mergeIpamConfig = (base: ListNode, over: ListNode, path: TreePath, report: Report): ListNode => {
  const items = [...base.items];
  for (const item of over.items) {
    const key = identity(path, item);
    const index = items.findIndex((candidate) => key !== undefined && identity(path, candidate) === key);
    const existing = items[index];
    if (existing === undefined) items.push(item);
    else items[index] = mergeTrees(existing, item, [...path, index], report);
  }
  return { ...base, items };
};

const mergeMaps = (base: MapNode, over: MapNode, path: TreePath, report: Report): MapNode => {
  const entries = new Map<string, Entry>(base.entries);
  for (const [key, entry] of over.entries) {
    const before = entries.get(key);
    if (before === undefined || before.value.tag === 'reset' || entry.value.tag !== undefined) entries.set(key, entry);
    else {
      const value = mergeTrees(before.value, entry.value, [...path, key], report);
      // The place of the winner: a message about this key should lead to the file that said it last.
      entries.set(key, { key: isNull(entry.value) ? before.key : entry.key, value });
    }
  }
  return { ...over, entries };
};

const word = (node: TreeNode): string => (node.kind === 'map' ? 'a mapping' : node.kind === 'list' ? 'a list' : 'a plain value');

/** `over` laid over `base`; E160 where the two are of kinds that do not merge. */
export const mergeTrees = (base: TreeNode, over: TreeNode, path: TreePath, report: Report): TreeNode => {
  if (over.tag !== undefined || base.tag === 'reset') return over;
  if (isNull(over)) return base;
  if (isNull(base) || replaced(path)) return over;
  if (isMap(base) && isMap(over)) {
    return under(path).join('.') === 'logging' ? mergeLogging(base, over, path, report) : mergeMaps(base, over, path, report);
  }
  if (isList(base) && isList(over)) {
    if (path[0] === 'networks' && path.at(-1) === 'config') return mergeIpamConfig(base, over, path, report);
    return unique({ ...over, items: [...base.items, ...over.items] }, path);
  }
  if (base.kind === 'scalar' && over.kind === 'scalar') return over;
  report.add('E160', over.at, path, `cannot override ${pathText(path)}: it is ${word(base)} in ${base.at.file} and ${word(over)} here`, {
    hint: 'write both the same way, or mark this one with !override to replace the other',
  });
  return over;
};

/** A whole file laid over what earlier files made. */
export const mergeFiles = (base: MapNode, over: MapNode, report: Report): MapNode => mergeMaps(base, over, [], report);

const uniqueLists = [
  'ports',
  'volumes',
  'devices',
  'secrets',
  'configs',
  'env_file',
  'dns',
  'dns_search',
  'dns_opt',
  'tmpfs',
  'label_file',
];
const uniqueTexts = ['expose', 'cap_add', 'cap_drop', 'profiles', 'links', 'external_links', 'extra_hosts', 'security_opt', 'group_add'];

/** Within one file: mounts that differ and have one place, so that only the last of them is left, as docker compose has it. W401. */
export const checkMounts = (tree: MapNode, report: Report): void => {
  const services = get(tree, 'services');
  if (!isMap(services)) return;
  for (const [name, { value: service }] of services.entries) {
    const volumes = isMap(service) ? get(service, 'volumes') : undefined;
    if (volumes === undefined || !isList(volumes)) continue;
    const byTarget = new Map<string, TreeNode>();
    for (const [index, mount] of volumes.items.entries()) {
      const target = isMap(mount) ? textOf(get(mount, 'target')) : undefined;
      if (target === undefined) continue;
      const earlier = byTarget.get(target);
      byTarget.set(target, mount);
      if (earlier === undefined || sameTree(earlier, mount)) continue;
      const path = ['services', name, 'volumes', index];
      const message = `two mounts of service ${name} have the target ${target}: only the later one is there`;
      report.add('W401', mount.at, path, message, { hint: 'keep one of them' });
    }
  }
};

/** The same file with what a list says twice said once: a mount's target, a published port, a capability. */
export const withoutRepeats = (tree: MapNode): MapNode =>
  mapValues(tree, (top, name) =>
    name !== 'services' || !isMap(top)
      ? top
      : mapValues(top, (service, serviceName) =>
          isMap(service)
            ? mapValues(service, (value, key) =>
                isList(value) && (uniqueLists.includes(key) || uniqueTexts.includes(key))
                  ? unique(value, ['services', serviceName, key])
                  : value,
              )
            : service,
        ),
  );

/** True when two trees say the same. */
export const sameTree = (a: TreeNode, b: TreeNode): boolean => JSON.stringify(toExactPlain(a)) === JSON.stringify(toExactPlain(b));
