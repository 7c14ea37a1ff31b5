import test from 'ava';
import { harmlessSeeds, hunt, huntSeeds } from './hunt.ts';
import { withMutant } from './mutant.ts';
import { mutants } from './mutants.ts';
import { scheduleOf } from './schedule.ts';
import { shrink } from './shrink.ts';
import { type RunOptions, run } from './simulation.ts';

const steps = 4000;
const groups = [1, 51, 101, 151];

for (const first of groups)
  test(`every invariant holds in seeds ${first} to ${first + 49}`, async (t) => {
    let acknowledged = 0;
    for (let seed = first; seed < first + 50; seed += 1) {
      const { violation, coverage } = await run({ seed, steps });
      if (violation !== undefined) t.fail(`npm run simulate -- --seed ${seed} --steps ${steps} --seeds 1: ${violation.message}`);
      acknowledged += coverage.of('writes acknowledged');
    }
    t.true(acknowledged > 1_000, `only ${acknowledged} writes were acknowledged: the weather is too bad to test anything`);
  });

test('the same seed gives the same trace, another seed another one', async (t) => {
  const hashes: number[] = [];
  for (const seed of [7, 7, 8, 8]) hashes.push((await run({ seed, steps })).traceHash);
  t.is(hashes[0], hashes[1]);
  t.is(hashes[2], hashes[3]);
  t.not(hashes[0], hashes[2]);
});

test('a part of a schedule is a schedule: what is left out does not change what is kept', async (t) => {
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

test('a failing schedule is cut to fewer actions that break the same invariant', async (t) => {
  await withMutant(mutantNamed('counts-repeated-votes'), async (core) => {
    const options: RunOptions = { seed: 1, steps, core };
    const failed = await run(options);
    t.is(failed.violation?.invariant, 2);
    const { only, result } = await shrink(options, failed, 200);
    t.true(only.length <= failed.actions.length / 4, `${failed.actions.length} actions were only cut to ${only.length}`);
    t.is((await run({ ...options, only })).violation?.message, result.violation?.message);
  });
});

for (const mutant of mutants)
  test(`${mutant.harmless === undefined ? 'the simulation catches the mutant' : 'no harm is done by the mutant'} ${mutant.name}: ${mutant.bug}`, async (t) => {
    if (mutant.harmless === undefined) t.not((await hunt(mutant, huntSeeds, steps))?.violation, undefined);
    else t.is((await hunt(mutant, harmlessSeeds, steps))?.violation, undefined);
  });
