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
}

const run = fc.record({
  seed: fc.integer(),
  size: fc.constantFrom(3 as const, 5 as const),
  preVote: fc.boolean(),
  checkQuorum: fc.boolean(),
  churn: fc.boolean(),
  small: fc.boolean(),
});

const steps = 2_000;

const kinds: readonly ConfChangeKind[] = ['add-voter', 'add-learner', 'remove'];
const transitions: readonly Transition[] = ['auto', 'implicit', 'explicit'];

const cluster = ({ size, preVote, checkQuorum, churn, small }: Run, random: () => number): Cluster =>
  new Cluster(
    churn ? size + 2 : size,
    Array.from({ length: size }, (_, at) => at + 1),
    {
      preVote,
      checkQuorum,
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

/** Anything may happen to anybody at any time: a step of the schedule. */
const disturb = (it: Cluster, options: Run, random: () => number): void => {
  const below = (count: number): number => Math.floor(random() * count);
  const id = it.ids[below(it.ids.length)] ?? 1;
  const chance = random();
  if (chance < 0.3) it.core(id).tick();
  else if (chance < 0.45) it.beginReady(id);
  else if (chance < 0.6) it.finishReady(id, crashPoint(random()));
  else if (chance < 0.85 && it.network.length > 0) {
    const at = below(it.network.length);
    const message = it.network[at];
    const fate = random();
    if (message === undefined) return;
    if (fate > 0.05) it.network.splice(at, 1);
    if (fate < 0.9) it.deliver(message);
    if (message.type === 'MsgSnap') it.core(message.from).reportSnapshot(message.to, fate < 0.9 ? 'finished' : 'failed');
  } else if (chance < 0.93) it.core(id).propose(new TextEncoder().encode(`command ${below(1e6)}`));
  else if (chance < 0.94) it.core(id).campaign();
  else if (chance < 0.95) it.core(id).transferLeadership(it.ids[below(it.ids.length)] ?? 1);
  else if (chance < 0.96) it.core(id).reportLeaderUnreachable(it.core(id).status().lead);
  else if (chance < 0.965) it.core(id).reportUnreachable(it.ids[below(it.ids.length)] ?? 1);
  else if (chance < 0.97) it.restart(id);
  else if (chance < 0.98) {
    const { storage } = it.member(id);
    const applied = storage.snapshot()?.index ?? 0;
    if (applied > storage.firstIndex() + 3) storage.compact(applied - below(3));
  } else if (options.churn) {
    const joint = it.core(id).status().confState.votersOutgoing.length > 0;
    const count = joint ? 0 : 1 + below(2);
    const changes = Array.from({ length: count }, () => ({ kind: kinds[below(3)] ?? 'add-voter', id: it.ids[below(it.ids.length)] ?? 1 }));
    it.core(id).proposeConfChange({ transition: joint ? 'auto' : (transitions[below(3)] ?? 'auto'), steps: changes });
  }
};

const crashPoint = (chance: number): CrashPoint => {
  if (chance < 0.02) return 'before storing';
  return chance < 0.04 ? 'before sending' : undefined;
};

test('however messages are lost, repeated and reordered and nodes crash, what was committed stays and one leader has a term', (t) => {
  let committed = 0;
  let leaders = 0;
  fc.assert(
    fc.property(run, (options) => {
      const random = seeded(options.seed);
      const it = cluster(options, random);
      for (let step = 0; step < steps; step += 1) disturb(it, options, random);
      it.checkLogs();
      committed += it.committed.size;
      leaders += it.leaders.size;
    }),
    { numRuns: 100 },
  );
  // A schedule in which nothing is ever decided would prove nothing.
  t.true(committed > 60, `${committed} entries were committed`);
  t.true(leaders > 60, `${leaders} leaders were elected`);
});

test('once everything works again there is one leader, all logs agree and a new command is committed', (t) => {
  fc.assert(
    fc.property(run, (options) => {
      const random = seeded(options.seed);
      const it = cluster({ ...options, churn: false }, random);
      for (let step = 0; step < 500; step += 1) disturb(it, { ...options, churn: false }, random);
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
