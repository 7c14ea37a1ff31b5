import type { Ask } from './ask.ts';
import { type Rejection, Tally } from './explain.ts';
import { rejectionOf } from './filters.ts';
import type { NodeInfo } from './node-info.ts';

/** A node's key is its tasks times this, and its place by id: more nodes than that there are not, and keys stay exact to 2^31 tasks. */
const placesPerCount = 2 ** 22;

/** Nodes of a list by their ids. */
interface Ids {
  /** Where in the list. */
  readonly indexes: ReadonlyMap<string, number>;
  /** By index, the how-manieth id it is. */
  readonly places: Uint32Array;
  /** The other way round. */
  readonly byPlace: Uint32Array;
}

const idsOf = (infos: readonly NodeInfo[]): Ids => {
  const sorted = infos.map(({ node: { id } }, index) => ({ id, index })).sort((a, b) => (a.id < b.id ? -1 : 1));
  const places = new Uint32Array(infos.length);
  for (const [place, { index }] of sorted.entries()) places[index] = place;
  return {
    indexes: new Map(infos.map(({ node }, index) => [node.id, index])),
    places,
    byPlace: Uint32Array.from(sorted, ({ index }) => index),
  };
};

const isSameNodes = (a: readonly NodeInfo[], b: readonly NodeInfo[]): boolean => {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at] && a[at]?.node.id !== b[at]?.node.id) return false;
  return true;
};

interface Parts {
  readonly ask: Ask;
  readonly infos: readonly NodeInfo[];
  readonly ids: Ids;
  readonly rejections: readonly (Rejection | undefined)[];
  readonly keys: Float64Array;
}

const keyAt = ({ ids }: Pick<Parts, 'ids'>, info: NodeInfo, index: number): number =>
  info.tasks * placesPerCount + (ids.places[index] ?? 0);

/** The keys without some and with others, each in order. */
const merged = (keys: Float64Array, without: Float64Array, more: Float64Array): Float64Array => {
  const all = new Float64Array(keys.length - without.length + more.length);
  let [to, gone, next] = [0, 0, 0];
  for (let at = 0; at < keys.length; at += 1) {
    const key = keys[at] ?? 0;
    if (key === without[gone]) {
      gone += 1;
      continue;
    }
    for (let new_ = more[next]; new_ !== undefined && new_ < key; new_ = more[next]) {
      all[to++] = new_;
      next += 1;
    }
    all[to++] = key;
  }
  for (; next < more.length; next += 1) all[to++] = more[next] ?? 0;
  return all;
};

/**
 * The nodes that take tasks of one kind whichever service these are of: those with the fewest tasks first, then by id. Stays as it is;
 * another follows from it at the cost of what has changed.
 */
export class Roster {
  readonly #parts: Parts;
  #rejected: Tally | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  static of(ask: Ask, infos: readonly NodeInfo[], ids: Ids): Roster {
    // How many of a service a node may have is nothing to nodes that have none.
    const anyones = { ...ask, mostPerNode: 0 };
    const rejections = infos.map((info) => rejectionOf(info, anyones));
    const keys = infos.flatMap((info, index) => (rejections[index] === undefined ? [keyAt({ ids }, info, index)] : []));
    return new Roster({ ask: anyones, infos, ids, rejections, keys: Float64Array.from(keys).sort() });
  }

  get infos(): readonly NodeInfo[] {
    return this.#parts.infos;
  }

  get ids(): Ids {
    return this.#parts.ids;
  }

  /** How many take such a task. */
  get fitting(): number {
    return this.#parts.keys.length;
  }

  /** Why the others do not. */
  get rejected(): Tally {
    if (this.#rejected === undefined) {
      this.#rejected = new Tally();
      if (this.fitting < this.infos.length)
        for (const rejection of this.#parts.rejections) if (rejection !== undefined) this.#rejected.add(rejection);
    }
    return this.#rejected;
  }

  /** The node at that place in the order; undefined: there are no more. */
  at(place: number): NodeInfo | undefined {
    const { keys, ids, infos } = this.#parts;
    const key = keys[place];
    return key === undefined ? undefined : infos[ids.byPlace[key % placesPerCount] ?? 0];
  }

  /** The node, or why it does not take such a task; undefined: there is none of that id. */
  of(nodeId: string): { readonly info: NodeInfo; readonly rejection: Rejection | undefined } | undefined {
    const { ids, infos, rejections } = this.#parts;
    const index = ids.indexes.get(nodeId) ?? -1;
    const info = infos[index];
    return info === undefined ? undefined : { info, rejection: rejections[index] };
  }

  /** The same nodes as they are in that list; they have to be the same, in the same order. */
  after(infos: readonly NodeInfo[]): Roster {
    const parts = this.#parts;
    const changed: number[] = [];
    for (let index = 0; index < infos.length; index += 1) if (infos[index] !== parts.infos[index]) changed.push(index);
    if (changed.length === 0) return this;
    const rejections = [...parts.rejections];
    const [without, more]: [number[], number[]] = [[], []];
    for (const index of changed) {
      const [before, info] = [parts.infos[index], infos[index]];
      if (before === undefined || info === undefined) continue;
      if (rejections[index] === undefined) without.push(keyAt(parts, before, index));
      rejections[index] = rejectionOf(info, parts.ask);
      if (rejections[index] === undefined) more.push(keyAt(parts, info, index));
    }
    const keys = merged(parts.keys, Float64Array.from(without).sort(), Float64Array.from(more).sort());
    return new Roster({ ...parts, infos, rejections, keys });
  }
}

/** So many kinds of tasks are known at a time. */
const mostRosters = 32;

/** All that nodes are asked beside what they have of the service. */
const keyOf = ({ service: _service, mostPerNode: _most, isPacked: _packed, ...asked }: Ask): string => JSON.stringify(asked);

/** Rosters from one service and one plan to the next, since most services ask for what others ask for as well. */
export class Rosters {
  readonly #rosters = new Map<string, Roster>();
  #latest: { readonly infos: readonly NodeInfo[]; readonly ids: Ids } | undefined;

  of(ask: Ask, infos: readonly NodeInfo[]): Roster {
    const ids = this.#idsOf(infos);
    const key = keyOf(ask);
    const known = this.#rosters.get(key);
    const roster = known?.ids === ids ? known.after(infos) : Roster.of(ask, infos, ids);
    // The one that was not asked for the longest is forgotten first.
    this.#rosters.delete(key);
    this.#rosters.set(key, roster);
    if (this.#rosters.size > mostRosters) for (const oldest of [...this.#rosters.keys()].slice(0, 1)) this.#rosters.delete(oldest);
    return roster;
  }

  #idsOf(infos: readonly NodeInfo[]): Ids {
    const latest = this.#latest;
    const ids = latest !== undefined && (latest.infos === infos || isSameNodes(latest.infos, infos)) ? latest.ids : idsOf(infos);
    this.#latest = { infos, ids };
    return ids;
  }
}
