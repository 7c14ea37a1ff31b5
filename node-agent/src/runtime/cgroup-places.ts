import { TsoError } from '@tso/proto';
import type { Cgroups } from './cgroup-tree.ts';

/** Deeper than anybody nests `cgroup_parent`. */
const depthMax = 16;

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

/**
 * A container's cgroup below the node's own: `cgroup_parent` of its service, then its id. INVALID_ARGUMENT: it would lead out.
 * @param nested may begin and end with slashes
 */
export const cgroupPathOf = (parent: string, nested: string, id: string): string => {
  const parts = nested.split('/').filter((part) => part !== '');
  if (parts.length < depthMax && parts.every((part) => part !== '.' && part !== '..')) return [parent, ...parts, id].join('/');
  throw new TsoError('INVALID_ARGUMENT', `cgroup_parent ${nested} is not a place below the node's own control group`, {
    hint: 'Name one below it: apps/web',
  });
};

/** Where below the node's own control group there are containers: right below it, and below groups that services named. */
export class CgroupPlaces {
  readonly #parent: string;
  readonly #cgroups: Cgroups;
  /** Groups between the node's own and containers. */
  readonly #between = new Set<string>();
  /** Containers that are just being made: their parents are not taken away. */
  readonly #making = new Set<string>();

  /** @param known cgroups of containers that have files: what is below them is theirs */
  constructor(parent: string, cgroups: Cgroups, known: readonly string[]) {
    this.#parent = parent;
    this.#cgroups = cgroups;
    this.#findBetween(parent, new Set(known), 0);
    for (const path of known) this.#noteBetween(path);
  }

  /** The cgroup of a container that has no files any more. */
  find(id: string): string {
    const direct = `${this.#parent}/${id}`;
    if (this.#between.size === 0 || this.#cgroups.exists(direct)) return direct;
    return [...this.#between].map((path) => `${path}/${id}`).find((path) => this.#cgroups.exists(path)) ?? direct;
  }

  /** Names of cgroups in which a container may be, apart from those that only hold others. */
  names(known: readonly string[]): readonly string[] {
    const isParent = (path: string): boolean => known.some((it) => it.startsWith(`${path}/`));
    return [this.#parent, ...this.#between].flatMap((path) => this.#cgroups.children(path).filter((name) => !isParent(`${path}/${name}`)));
  }

  /** A container's cgroup stays put while it is being made, and so do those above it. */
  async making<T>(path: string, work: () => Promise<T>): Promise<T> {
    this.#making.add(path);
    this.#noteBetween(path);
    try {
      return await work();
    } finally {
      this.#making.delete(path);
    }
  }

  /** Takes away the groups above a removed container that hold nothing any more. */
  prune(path: string): void {
    for (let above = parentOf(path); above.startsWith(`${this.#parent}/`); above = parentOf(above)) {
      if ([...this.#making].some((it) => it.startsWith(`${above}/`)) || !this.#cgroups.removeIfEmpty(above)) return;
      this.#between.delete(above);
    }
  }

  #noteBetween(path: string): void {
    for (let above = parentOf(path); above.startsWith(`${this.#parent}/`); above = parentOf(above)) this.#between.add(above);
  }

  #findBetween(path: string, known: ReadonlySet<string>, depth: number): void {
    if (depth > depthMax) return;
    for (const name of this.#cgroups.children(path)) {
      const below = `${path}/${name}`;
      if (known.has(below) || this.#cgroups.children(below).length === 0) continue;
      this.#between.add(below);
      this.#findBetween(below, known, depth + 1);
    }
  }
}
