import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';
import { simulate } from './run.ts';

const seeds = 10;
const rounds = 60;

for (let seed = 1; seed <= seeds; seed += 1) {
  test(`whatever becomes of machines, lines, leaders and wishes, the invariants hold and all comes to rest: seed ${seed}`, (t) => {
    const { violation, story } = simulate(seed, rounds);
    t.is(violation, undefined, `${story.join('\n')}\nagain: npm run planner:simulation -- --seed ${seed} --rounds ${rounds}`);
  });
}

test('the same seed is the same run, and another one another', (t) => {
  t.deepEqual(simulate(3, 25), simulate(3, 25));
  t.notDeepEqual(simulate(3, 25).figures, simulate(4, 25).figures);
});

test('runs meet what they are made for: plans that are refused, lost and repeated reports, plans of leaders who are gone', (t) => {
  const runs = Array.from({ length: 4 }, (_, index) => simulate(20 + index, rounds).figures);
  const total = (of: (figures: (typeof runs)[number]) => number): number => runs.reduce((sum, each) => sum + of(each), 0);
  t.true(total(({ conflicts }) => conflicts) > 0);
  t.true(total(({ lost }) => lost) > 0);
  t.true(total(({ repeated }) => repeated) > 100);
  t.true(total(({ leaders }) => leaders) > 12);
});

test('the command runs one seed, and says how it is used', (t) => {
  const call = (...args: readonly string[]) =>
    spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], { encoding: 'utf8' });
  const once = call('--seed', '7', '--rounds', '5');
  t.is(once.status, 0, once.stderr);
  t.regex(once.stdout, /^seed 7: \d+ s of time, \d+ transactions/);
  t.is(call('--seed', 'seven').status, 2);
  t.is(call('--help').status, 0);
});
