// One minute of chaos with a fixed seed; `npm run chaos` has others, and longer.
import test from 'ava';
import { parseChaos } from '../chaos/arguments.ts';
import { Chaos, kinds, reportText } from '../chaos/run.ts';

test.serial('a minute of faults by seed breaks no promise', async (t) => {
  // Of this seed's first eight steps no two are alike, and one of the first four is a drain.
  const atLeast = { steps: 4, operations: 401, looks: 101 };
  const options = { seed: 66, minutes: 1, workers: 2, atLeast };
  t.timeout(600_000, 'a minute on a machine that has time');
  const report = await new Chaos(options, (line) => t.log(line)).run();
  t.deepEqual(report.problems, [], reportText(options, report));
  t.log(reportText(options, report));
  t.true(report.faults.length >= atLeast.steps, `only ${report.faults.length} steps`);
  t.true(report.operations >= atLeast.operations, `only ${report.operations} operations`);
  t.true(report.looks >= atLeast.looks, `only ${report.looks} looks`);
  t.true(report.requests > 20, `only ${report.requests} requests`);
});

test('arguments that make no sense are refused in one sentence', (t) => {
  const why = (...args: readonly string[]) => {
    const parsed = parseChaos(args, kinds);
    return parsed.kind === 'refused' ? parsed.why : parsed.kind;
  };
  t.is(why('--workers', '9'), '--workers is 2 to 5, not 9');
  t.regex(why('--only', 'meteor'), /"meteor", which is no kind of step/);
  t.regex(why('--minutes', 'soon'), /--minutes must be a number above 0/);
  t.regex(why('--speed', '9'), /--speed/);
  t.is(why('--seed', '3', '--only', 'drain,flap'), 'run');
});
