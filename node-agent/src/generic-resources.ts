import { type GenericResource, TsoError } from '@tso/proto';

/** What one node may have of all kinds: each task that is given some names them. */
const mostKinds = 64;
const mostIds = 1_000;
const mostCount = 1_000_000;
/** Kinds become names of variables; ids stand in their values, between commas. */
const kindShape = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;
const idShape = /^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,127}$/;

const refuse = (text: string, wanted: string): TsoError =>
  new TsoError('INVALID_ARGUMENT', `--generic-resource ${text} is not usable: it must be ${wanted}`);

/** The variable that tells a task what it was given of a kind, as Docker names it. */
const variableOf = (kind: string): string => `DOCKER_RESOURCE_${kind.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;

/**
 * What the words say that a node has, by kind: `gpu=4` so many, `ssd=fast1,fast2` each by its id; said again, ids are added.
 * INVALID_ARGUMENT names the word.
 */
export const genericResources = (words: readonly string[]): readonly GenericResource[] => {
  const found = new Map<string, GenericResource>();
  for (const word of words) {
    const [, kind = '', value = ''] = /^([^=]+)=(.+)$/.exec(word) ?? [];
    if (!kindShape.test(kind)) throw refuse(word, 'KIND=NUMBER or KIND=ID,ID, for example gpu=4');
    const other = [...found.keys()].find((it) => it !== kind && variableOf(it) === variableOf(kind));
    if (other !== undefined) throw refuse(word, `a kind that tasks can tell from ${other}: both are ${variableOf(kind)} there`);
    const before = found.get(kind);
    if (/^\d+$/.test(value)) {
      if (before !== undefined || Number(value) > mostCount) throw refuse(word, `said once, and at most ${mostCount}`);
      found.set(kind, { kind, count: Number(value), ids: [] });
      continue;
    }
    const ids = value.split(',');
    const wrong = ids.find((id) => !idShape.test(id));
    if (wrong !== undefined)
      throw refuse(word, `a number, or ids of letters, digits and _.:/- with commas between them ("${wrong}" is none)`);
    if (before !== undefined && before.ids.length === 0)
      throw refuse(word, `either counted or named: ${kind}=${before.count} was said before`);
    const all = [...(before?.ids ?? []), ...ids].toSorted();
    const twice = all.find((id, index) => id === all[index - 1]);
    if (twice !== undefined) throw refuse(word, `without ${twice} named twice`);
    if (all.length > mostIds) throw refuse(word, `at most ${mostIds} ids`);
    found.set(kind, { kind, count: all.length, ids: all });
  }
  if (found.size > mostKinds) throw refuse(words.at(-1) ?? '', `one of at most ${mostKinds} kinds`);
  return [...found.values()].toSorted((a, b) => (a.kind < b.kind ? -1 : 1));
};

/** What tells a task what it was given, as KEY=value: the ids, or how many where they have none. */
export const genericEnvironment = (given: readonly GenericResource[]): readonly string[] =>
  given.map(({ kind, count, ids }) => `${variableOf(kind)}=${ids.length > 0 ? ids.join(',') : count}`);
