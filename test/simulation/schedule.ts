import { Chance, derivedSeed } from './chance.ts';

const weights = {
  write: 34,
  cas: 6,
  read: 16,
  burst: 4,
  crash: 3,
  'crash-leader': 3,
  restart: 12,
  split: 3,
  'isolate-leader': 4,
  'cut-one-way': 3,
  clog: 1.5,
  heal: 12,
  storm: 3,
  calm: 5,
  churn: 8,
  transfer: 2,
  wipe: 0.5,
  campaign: 2,
  'forget-leader': 1,
  garbage: 2,
  'replay-old': 6,
  'slow-disk': 2,
} as const;

export type ActionKind = keyof typeof weights;

/** One thing done to the cluster from outside. Whom it meets follows from `pick` and what is there then, so that any part of a schedule runs. */
export interface Action {
  readonly number: number;
  readonly atMs: number;
  readonly kind: ActionKind;
  readonly pick: number;
}

const kinds = Object.entries(weights) as readonly (readonly [ActionKind, number])[];
const total = kinds.reduce((sum, [, weight]) => sum + weight, 0);

const kindAt = (point: number): ActionKind => {
  let left = point * total;
  for (const [kind, weight] of kinds) {
    left -= weight;
    if (left < 0) return kind;
  }
  return 'write';
};

/** The whole schedule of a seed, in order of time. */
export const scheduleOf = (seed: number, count: number): readonly Action[] => {
  const chance = new Chance(derivedSeed(seed, 1));
  const pace = chance.pick([15, 40, 90]) ?? 40;
  let atMs = 800;
  return Array.from({ length: count }, (_, number): Action => {
    atMs += chance.below(2 * pace);
    return { number, atMs, kind: kindAt(chance.number()), pick: chance.below(0x7fff_ffff) };
  });
};
