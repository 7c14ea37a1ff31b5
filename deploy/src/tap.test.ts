import test from 'ava';
import { parseTap } from './tap.ts';

const run = `TAP version 13
ok 1 - a › one
ok 2 - a › left out # SKIP
not ok 3 - b › two
  ---
    name: AssertionError
    message: Error thrown in test
  ...
    # a line the test printed
not ok 4 - src/c.test.ts exited with a non-zero exit code: 1

1..3
# tests 3
# pass 1
# skip 1
# fail 2
`;

test('results are counted, a crashed file among them', (t) => {
  const report = parseTap(run);
  t.is(report.passed, 1);
  t.deepEqual(
    report.failed.map((failure) => failure.title),
    ['b › two', 'src/c.test.ts exited with a non-zero exit code: 1'],
  );
  t.deepEqual(report.skipped, ['a › left out']);
  t.true(report.complete);
});

test('a failure carries its diagnosis', (t) => {
  t.true(parseTap(run).failed[0]?.diagnosis.startsWith('  name: AssertionError\n  message: Error thrown in test'));
});

test('a run that ends early is not complete', (t) => {
  t.false(parseTap(run.slice(0, run.indexOf('1..3'))).complete);
  t.false(parseTap('').complete);
});
