import { Chance, derivedSeed } from './chance.ts';

const weights = {
  write: 34,
  cas: 6,
  read: 24,
  'read-everywhere': 4,
  burst: 4,
  crash: 3,
  'crash-leader': 3,
  'crash-in-disk': 4,
  'disk-fails': 1,
  'disk-full': 1,
  'bit-flip': 0.4,
  restart: 14,
  pause: 2,
  'pause-leader': 1,
  split: 3,
  bridge: 1,
  'isolate-leader': 4,
  'deaf-leader': 1,
  'cut-one-way': 3,
  clog: 2,
  heal: 12,
  storm: 3,
  calm: 5,
  drift: 1,
  churn: 8,
  'churn-twice': 2,
  transfer: 2,
  wipe: 0.5,
  campaign: 2,
  'campaign-all': 1,
  'forget-leader': 1,
  garbage: 2,
  'replay-old': 6,
  'slow-disk': 2,
  'slow-apply': 2,
} as const;

export type ActionKind = keyof typeof weights;

/** One thing done to the cluster from outside. Whom it meets follows from `pick` and what is there then, so that any part of a schedule runs. */
export interface Action {
  readonly number: number;
  readonly atMs: number;
  readonly kind: ActionKind;
  readonly pick: number;
}

/** What ends what others begin: never rarer than that together, or nothing would go on for long. */
const remedies: Readonly<Partial<Record<ActionKind, readonly ActionKind[]>>> = {
  heal: ['split', 'bridge', 'isolate-leader', 'deaf-leader', 'cut-one-way', 'disk-full'],
  restart: ['crash', 'crash-leader', 'crash-in-disk', 'disk-fails', 'disk-full'],
  calm: ['storm'],
};

/** Share of what clients do. */
const leastWork = 0.35;

/** What a run looks at most closely: `even` takes all kinds as they come, `swarm` leaves most of them out, rare or frequent. */
export const focuses = ['even', 'swarm', 'membership', 'growth', 'elections', 'snapshots'] as const;
export type Focus = (typeof focuses)[number];

const drawn: readonly Focus[] = [
  'even',
  'even',
  'even',
  'swarm',
  'swarm',
  'swarm',
  'swarm',
  'membership',
  'growth',
  'elections',
  'snapshots',
];

/** Schedules that are directed at what an even mix drowns; kinds that are not named are left out. */
const directed: Readonly<Record<Exclude<Focus, 'even' | 'swarm'>, Readonly<Partial<Record<ActionKind, number>>>>> = {
  membership: {
    write: 20,
    churn: 20,
    'churn-twice': 14,
    crash: 6,
    'crash-leader': 6,
    'crash-in-disk': 8,
    restart: 24,
    campaign: 5,
    'campaign-all': 2,
    'slow-apply': 8,
    'slow-disk': 3,
    'isolate-leader': 3,
    'cut-one-way': 3,
    heal: 10,
    transfer: 3,
  },
  /** Of one or three members, with slow disks: what their tails hold is soon more than the others know of. */
  growth: {
    write: 34,
    churn: 26,
    'slow-disk': 14,
    'crash-leader': 9,
    restart: 14,
    campaign: 3,
  },
  elections: {
    write: 16,
    burst: 6,
    'read-everywhere': 14,
    split: 8,
    'isolate-leader': 6,
    'cut-one-way': 8,
    'deaf-leader': 3,
    pause: 3,
    'pause-leader': 4,
    heal: 20,
    campaign: 10,
    'campaign-all': 8,
    transfer: 6,
    'forget-leader': 3,
    'slow-disk': 6,
    storm: 3,
    calm: 3,
    crash: 2,
    restart: 4,
  },
  snapshots: {
    burst: 24,
    churn: 10,
    'slow-apply': 10,
    pause: 6,
    'cut-one-way': 10,
    clog: 6,
    heal: 20,
    'crash-in-disk': 8,
    crash: 4,
    restart: 14,
    storm: 3,
    calm: 3,
  },
};

/** Some kinds left out, some rare, some frequent: what is drowned by others in an even mix has seeds of its own (Groce and others 2012). */
const swarm = (chance: Chance): ReadonlyMap<ActionKind, number> => {
  const temper = new Map<ActionKind, number>();
  for (const [kind, weight] of Object.entries(weights) as readonly (readonly [ActionKind, number])[])
    temper.set(kind, weight * (chance.pick([0, 0.3, 1, 1, 3, 8]) ?? 1));
  const of = (kind: ActionKind): number => temper.get(kind) ?? 0;
  for (const [kind, ills] of Object.entries(remedies) as readonly (readonly [ActionKind, readonly ActionKind[]])[])
    temper.set(kind, Math.max(of(kind), 1.2 * ills.reduce((sum, ill) => sum + of(ill), 0)));
  const total = [...temper.values()].reduce((sum, weight) => sum + weight, 0);
  temper.set('write', Math.max(of('write'), leastWork * total));
  return temper;
};

const temperOf = (focus: Focus, chance: Chance): ReadonlyMap<ActionKind, number> => {
  if (focus === 'swarm') return swarm(chance);
  return new Map(Object.entries(focus === 'even' ? weights : directed[focus]) as readonly (readonly [ActionKind, number])[]);
};

/** What the seed looks at, unless it is told. */
export const focusOf = (seed: number): Focus => new Chance(derivedSeed(seed, 3)).pick(drawn) ?? 'even';

/** The whole schedule of a seed, in order of time. */
export const scheduleOf = (seed: number, count: number, focus: Focus = focusOf(seed)): readonly Action[] => {
  const chance = new Chance(derivedSeed(seed, 1));
  const pace = chance.pick([15, 40, 90]) ?? 40;
  const temper = temperOf(focus, chance);
  const total = [...temper.values()].reduce((sum, weight) => sum + weight, 0);
  const kindAt = (point: number): ActionKind => {
    let left = point * total;
    for (const [kind, weight] of temper) {
      left -= weight;
      if (left < 0) return kind;
    }
    return 'write';
  };
  let atMs = 800;
  return Array.from({ length: count }, (_, number): Action => {
    atMs += chance.below(2 * pace);
    return { number, atMs, kind: kindAt(chance.number()), pick: chance.below(0x7fff_ffff) };
  });
};
