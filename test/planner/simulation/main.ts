// A planner and its cluster under faults: npm run planner:simulation -- [--seed N] [--seeds K] [--rounds M]
import process from 'node:process';
import { parseArgs } from 'node:util';
import { type Outcome, simulate } from './run.ts';

const usage = `usage: npm run planner:simulation -- [--seed N] [--seeds K] [--rounds M]
  does M things (60) at random moments to a cluster of five machines, mends it, and looks whether all comes to what is wished
  --seed N   begins with that seed (1); the same seed is the same run
  --seeds K  so many runs (1); stops at the first that fails, exit 1
`;

const line = ({ seed, figures, lastedMs }: Outcome): string => {
  const { commits, plans, conflicts, leaders, lost, repeated } = figures;
  const counts = `${commits} transactions, ${plans} plans, ${conflicts} refused, ${leaders} leaders, ${lost} reports lost, ${repeated} repeated`;
  return `seed ${seed}: ${Math.round(lastedMs / 1_000)} s of time, ${counts}`;
};

const main = (args: readonly string[]): number => {
  const options = {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '60' },
    help: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
  const [seed, seeds, rounds] = [values.seed, values.seeds, values.rounds].map(Number);
  const numbers = [seed, seeds, rounds];
  if (values.help || numbers.some((value) => value === undefined || !Number.isSafeInteger(value) || value < 0)) {
    process.stderr.write(usage);
    return values.help ? 0 : 2;
  }
  for (let at = seed ?? 1; at < (seed ?? 1) + (seeds ?? 1); at += 1) {
    const outcome = simulate(at, rounds ?? 60);
    process.stdout.write(`${line(outcome)}\n`);
    if (outcome.violation === undefined) continue;
    process.stderr.write(`seed ${at}: ${outcome.violation}\n${outcome.story.map((it) => `  ${it}\n`).join('')}`);
    process.stderr.write(`again: npm run planner:simulation -- --seed ${at} --rounds ${rounds}\n`);
    return 1;
  }
  return 0;
};

process.exitCode = main(process.argv.slice(2));
