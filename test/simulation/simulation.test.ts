import test from 'ava';
import { Coverage, coverageKinds } from './coverage.ts';
import { harmlessSeeds, hunt, huntSeeds } from './hunt.ts';
import { withMutant } from './mutant.ts';
import { mutants } from './mutants.ts';
import { replayLine } from './report.ts';
import { scheduleOf } from './schedule.ts';
import { shrink } from './shrink.ts';
import { type RunOptions, run } from './simulation.ts';

const steps = 4000;

const fixed = [
  { kind: 'core', first: 1, count: 50 },
  { kind: 'core', first: 51, count: 50 },
  { kind: 'core', first: 101, count: 50 },
  { kind: 'core', first: 151, count: 50 },
  { kind: 'driver', first: 1, count: 25 },
  { kind: 'driver', first: 26, count: 25 },
] as const;

for (const { kind, first, count } of fixed)
  test.serial(
    `every invariant holds in seeds ${first} to ${first + count - 1} of ${kind === 'core' ? 'the core alone' : 'the real driver and disk'}`,
    async (t) => {
      const coverage = new Coverage();
      for (let seed = first; seed < first + count; seed += 1) {
        const options: RunOptions = { seed, steps, kind };
        const result = await run(options);
        if (result.violation !== undefined) t.fail(`${replayLine(options)}: ${result.violation.message}`);
        coverage.addAll(result.coverage);
      }
      // A schedule in which nothing happens would prove nothing.
      for (const it of coverageKinds) t.true(coverage.of(it) > 0, `no ${it}`);
      t.true(coverage.of('writes acknowledged') > 20 * count, `only ${coverage.of('writes acknowledged')} writes were acknowledged`);
    },
  );

for (const kind of ['core', 'driver'] as const)
  test.serial(`the same seed gives the same trace, another seed another one: ${kind}`, async (t) => {
    const hashes: number[] = [];
    for (const seed of [7, 7, 8, 8]) hashes.push((await run({ seed, steps, kind })).traceHash);
    t.is(hashes[0], hashes[1]);
    t.is(hashes[2], hashes[3]);
    t.not(hashes[0], hashes[2]);
  });

test.serial('a part of a schedule is a schedule: what is left out does not change what is kept', async (t) => {
  const all = scheduleOf(5, 50);
  t.deepEqual(scheduleOf(5, 80).slice(0, 50), all);
  const { actions } = await run({ seed: 5, steps, only: [3, 9] });
  t.deepEqual(actions, [all[3], all[9]]);
});

const mutantNamed = (name: string) => {
  const mutant = mutants.find((it) => it.name === name);
  if (mutant === undefined) throw new Error(`no mutant ${name}`);
  return mutant;
};

test.serial('a failing schedule is cut to fewer actions that break the same invariant', async (t) => {
  const mutant = mutantNamed('counts-repeated-votes');
  const seed = (await hunt(mutant, huntSeeds, steps))?.seed ?? 0;
  await withMutant(mutant, async ({ core }) => {
    const options: RunOptions = { seed, steps, core };
    const failed = await run(options);
    t.is(failed.violation?.invariant, 2);
    const { only, result } = await shrink(options, failed, 200);
    t.true(only.length <= failed.actions.length / 4, `${failed.actions.length} actions were only cut to ${only.length}`);
    t.is((await run({ ...options, only })).violation?.message, result.violation?.message);
  });
});

for (const mutant of mutants)
  test.serial(
    `${mutant.harmless === undefined ? 'the simulation catches the mutant' : 'no harm is done by the mutant'} ${mutant.name}: ${mutant.bug}`,
    async (t) => {
      if (mutant.harmless === undefined) t.not((await hunt(mutant, huntSeeds, steps))?.violation, undefined);
      else t.is((await hunt(mutant, harmlessSeeds, steps))?.violation, undefined);
    },
  );
