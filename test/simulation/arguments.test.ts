import test from 'ava';
import { parseSimulate } from './arguments.ts';

test('one seed is one run, several begin at the one that is named', (t) => {
  const one = parseSimulate(['--seed', '7']);
  t.like(one, { kind: 'run', options: { from: 7, seeds: 1, steps: 4000, driver: false } });
  t.like(parseSimulate(['--seed', '7', '--seeds', '3']), { options: { from: 7, seeds: 3 } });
  t.like(parseSimulate(['--from', '7']), { options: { from: 7, seeds: 100 } });
  t.like(parseSimulate(['--seed', '7', '--only', '3,9', '--driver']), { options: { only: [3, 9], driver: true, shrinks: false } });
  t.like(parseSimulate(['--only', 'none']), { options: { only: [] } });
  t.like(parseSimulate(['--help']), { kind: 'help' });
});

test('arguments that make no sense are refused in one sentence that names them', (t) => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['--seeds x', /--seeds must be a whole number of at least 1, not "x"/],
    ['--seeds 0', /--seeds must be a whole number of at least 1/],
    ['--steps -3', /--steps/],
    ['--seed 1e3', /--seed must be a whole number/],
    ['--nodes 4', /--nodes is 1, 3, 5 or 7, not 4/],
    ['--focus luck', /--focus is even, swarm, .*, not "luck"/],
    ['--format xml', /--format is text or json, not "xml"/],
    ['--seed 1 --from 2', /--seed and --from both name the first seed/],
    ['--only 1,b', /--only must be a whole number/],
    ['--colour', /--colour/],
    ['seed', /seed/],
  ];
  for (const [line, why] of refused) {
    const parsed = parseSimulate(line.split(' '));
    t.is(parsed.kind, 'refused', line);
    if (parsed.kind === 'refused') {
      t.regex(parsed.why, why);
      t.false(parsed.why.includes('\n'));
    }
  }
});
