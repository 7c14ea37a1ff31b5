/** What becomes of an attribute: it does what it says, is left out with a warning (W400), or has the file refused (E400). */
export type Becomes = 'acts' | 'warning' | 'error';

/** Which of the two worlds that compose files come from acts on an attribute: `docker compose`, `docker stack deploy`. */
export type Elsewhere = 'both' | 'compose' | 'stack' | 'neither';

/** One attribute of the Compose Specification and what becomes of it here. */
export interface Attribute {
  /** `services.*.ports[].target`: `*` stands for a name, `[]` for an item; of several forms it is the long one. */
  readonly path: string;
  readonly becomes: Becomes;
  /** Source: what docker compose v2 and docker stack deploy were seen to do with it, as of 2026-07. */
  readonly elsewhere: Elsewhere;
  /** What it means on a cluster, or why it does not act: one sentence without a full stop. */
  readonly meaning: string;
  /** What to do instead; an attribute that acts needs none. */
  readonly instead?: string;
  /** Values that are refused, or that mean something else here. */
  readonly notes: readonly string[];
}

export const acts = (path: string, elsewhere: Elsewhere, meaning: string, ...notes: readonly string[]): Attribute => ({
  path,
  becomes: 'acts',
  elsewhere,
  meaning,
  notes,
});

export const warns = (path: string, elsewhere: Elsewhere, reason: string, instead: string): Attribute => ({
  path,
  becomes: 'warning',
  elsewhere,
  meaning: reason,
  instead,
  notes: [],
});

export const refuses = (path: string, elsewhere: Elsewhere, reason: string, instead: string): Attribute => ({
  path,
  becomes: 'error',
  elsewhere,
  meaning: reason,
  instead,
  notes: [],
});

/** Why models are refused, at the top of a file and at a service. */
export const noModels = 'the cluster runs no models by itself';

/** An attribute, and the places below it (`[].driver`) of which the same is said. */
export const withAll = (attribute: Attribute, places: readonly string[]): readonly Attribute[] => [
  attribute,
  ...places.map((place) => ({ ...attribute, path: attribute.path + place })),
];

/** Several attributes below one, with what is said of each. */
export const below = (path: string, attributes: readonly Attribute[]): readonly Attribute[] =>
  attributes.map((attribute) => ({ ...attribute, path: `${path}.${attribute.path}` }));
