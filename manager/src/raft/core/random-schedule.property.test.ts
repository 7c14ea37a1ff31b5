import test from 'ava';
import fc from 'fast-check';
import type { ConfChangeKind, Transition } from './conf-change.ts';
import { Cluster, type CrashPoint, seeded } from './testing/cluster.ts';

interface Run {
  readonly seed: number;
  readonly size: 3 | 5;
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  readonly churn: boolean;
  readonly small: boolean;
  readonly asyncStorage: boolean;
}

const run = fc.record({
  seed: fc.integer(),
  size: fc.constantFrom(3 as const, 5 as const),
  preVote: fc.boolean(),
  checkQuorum: fc.boolean(),
  churn: fc.boolean(),
  small: fc.boolean(),
  asyncStorage: fc.boolean(),
});

const steps = 3_000;

const kinds: readonly ConfChangeKind[] = ['add-voter', 'add-learner', 'remove'];
const transitions: readonly Transition[] = ['auto', 'implicit', 'explicit'];

const cluster = ({ size, preVote, checkQuorum, churn, small, asyncStorage }: Run, random: () => number): Cluster =>
  new Cluster(
    churn ? size + 2 : size,
    Array.from({ length: size }, (_, at) => at + 1),
    {
      preVote,
      checkQuorum,
      asyncStorage,
      ...(small
        ? {
            maxInflightMessages: 2,
            maxSizePerMessageBytes: 1,
            maxInflightBytes: 100,
            maxCommittedSizePerReadyBytes: 20,
            maxUncommittedSizeBytes: 200,
          }
        : {}),
    },
    random,
  );

/** How often what happens, in hundredths; what is left over goes to the rare disturbances. */
interface Weather {
  readonly tick: number;
  readonly begin: number;
  readonly finish: number;
  readonly deliver: number;
  readonly propose: number;
  readonly loss: number;
}

const calm: Weather = { tick: 5, begin: 22, finish: 22, deliver: 42, propose: 7, loss: 2 };
const storm: Weather = { tick: 30, begin: 15, finish: 15, deliver: 25, propose: 8, loss: 10 };

/** Anything may happen to anybody at any time: a step of the schedule. */
const disturb = (it: Cluster, options: Run, random: () => number, weather: Weather): void => {
  const id = it.ids[Math.floor(random() * it.ids.length)] ?? 1;
  let chance = random() * 100;
  const happens = (share: number): boolean => {
    chance -= share;
    return chance < 0;
  };
  if (happens(weather.tick)) it.core(id).tick();
  else if (happens(weather.begin)) it.beginReady(id);
  else if (happens(weather.finish)) {
    it.finishReady(id, crashPoint(random(), weather));
    if (random() < 0.7) it.applyNext(id);
  } else if (happens(weather.deliver)) deliverOne(it, random, weather.loss / 100);
  else if (happens(weather.propose)) it.core(id).propose(new TextEncoder().encode(`command ${Math.floor(random() * 1e6)}`));
  else intervene(it, options, random, id);
};

const deliverOne = (it: Cluster, random: () => number, loss: number): void => {
  const at = Math.floor(random() * random() * it.network.length);
  const message = it.network[at];
  if (message === undefined) return;
  if (random() > 0.04) it.network.splice(at, 1);
  const arrives = random() >= loss;
  if (arrives) it.deliver(message);
  if (message.type === 'MsgSnap') it.core(message.from).reportSnapshot(message.to, arrives ? 'finished' : 'failed');
};

/** What owners and people do now and then. */
const intervene = (it: Cluster, options: Run, random: () => number, id: number): void => {
  const below = (count: number): number => Math.floor(random() * count);
  const anybody = (): number => it.ids[below(it.ids.length)] ?? 1;
  const core = it.core(id);
  const what = below(options.churn ? 9 : 7);
  if (what === 0) core.campaign();
  else if (what === 1) core.transferLeadership(anybody());
  else if (what === 2) core.reportLeaderUnreachable(core.status().lead);
  else if (what === 3) core.reportUnreachable(anybody());
  else if (what === 4) it.restart(id);
  else if (what === 5) core.forgetLeader();
  else if (what === 6) {
    const { storage } = it.member(id);
    const applied = storage.snapshot()?.index ?? 0;
    if (applied > storage.firstIndex() + 3) storage.compact(applied - below(3));
  } else {
    const joint = core.status().confState.votersOutgoing.length > 0;
    const changes = Array.from({ length: joint ? 0 : 1 + below(2) }, () => ({ kind: kinds[below(3)] ?? 'add-voter', id: anybody() }));
    core.proposeConfChange({ transition: joint ? 'auto' : (transitions[below(3)] ?? 'auto'), steps: changes });
  }
};

/** Long calms, in which logs grow, between storms. */
const live = (it: Cluster, options: Run, random: () => number, count: number): void => {
  for (let step = 0; step < count; step += 1) disturb(it, options, random, step % 500 < 350 ? calm : storm);
};

const crashPoint = (chance: number, { loss }: Weather): CrashPoint => {
  if (chance < loss / 500) return 'before storing';
  return chance < loss / 250 ? 'before sending' : undefined;
};

test('however messages are lost, repeated and reordered and nodes crash, what was committed stays and one leader has a term', (t) => {
  let committed = 0;
  let leaders = 0;
  fc.assert(
    fc.property(run, (options) => {
      const random = seeded(options.seed);
      const it = cluster(options, random);
      live(it, options, random, steps);
      it.checkLogs();
      committed += it.committed.size;
      leaders += it.leaders.size;
    }),
    { numRuns: 100 },
  );
  // A schedule in which nothing is ever decided would prove nothing.
  t.true(committed > 1_000, `${committed} entries were committed`);
  t.true(leaders > 150, `${leaders} leaders were elected`);
});

test('once everything works again there is one leader, all logs agree and a new command is committed', (t) => {
  fc.assert(
    fc.property(run, (options) => {
      const random = seeded(options.seed);
      const it = cluster({ ...options, churn: false }, random);
      live(it, { ...options, churn: false }, random, 500);
      it.settle(100);
      const leader = it.ids.find((id) => it.core(id).status().role === 'leader');
      if (leader === undefined) throw new Error('nobody leads');
      const proposed = it.core(leader).propose(new TextEncoder().encode('after'));
      if (!proposed.accepted) throw new Error(proposed.why);
      it.settle(20);
      it.checkLogs();
      const last = it.core(leader).status().lastIndex;
      for (const id of it.ids) {
        const { applied, hardState, lead } = it.core(id).status();
        t.is(lead, leader);
        t.is(applied, last);
        t.is(hardState.commit, last);
      }
    }),
    { numRuns: 30 },
  );
});
