// npm run simulate -- --seed S --steps N --seeds K [--only 3,7,12] [--no-shrink] [--trace]
// Runs seeds S to S+K-1. Exit 0: every invariant held. 1: one did not; its replay line and the cut schedule are printed. 2: wrong arguments.
import { parseArgs } from 'node:util';
import { shrink } from './shrink.ts';
import { type RunOptions, type RunResult, run } from './simulation.ts';

const usage = 'usage: npm run simulate -- [--seed S] [--steps N] [--seeds K] [--only 3,7,12] [--no-shrink] [--trace]';

const wholeNumber = (text: string, least: number): number | undefined => {
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= least ? value : undefined;
};

const replay = ({ seed, steps }: RunOptions, only?: readonly number[]): string =>
  `npm run simulate -- --seed ${seed} --steps ${steps} --seeds 1${only === undefined ? '' : ` --only ${only.length === 0 ? 'none' : only.join(',')}`}`;

const reportFailure = (options: RunOptions, failed: RunResult, shrinks: boolean): void => {
  console.log(`seed ${failed.seed}: ${failed.violation?.message}`);
  if (options.only !== undefined || !shrinks) {
    console.log(`replay: ${replay(options, options.only)}`);
    return;
  }
  console.log(`replay: ${replay(options)}`);
  const { only, result } = shrink(options, failed);
  console.log(`cut from ${failed.actions.length} to ${only.length} actions: ${result.violation?.message}`);
  for (const { number, atMs, kind } of result.actions)
    console.log(`  ${String(number).padStart(5)}  ${String(atMs).padStart(7)} ms  ${kind}`);
  console.log(`replay: ${replay(options, only)}`);
};

const main = (args: readonly string[]): number => {
  let values: { seed?: string; steps?: string; seeds?: string; only?: string; trace?: boolean; 'no-shrink'?: boolean };
  try {
    values = parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string' },
        steps: { type: 'string' },
        seeds: { type: 'string' },
        only: { type: 'string' },
        trace: { type: 'boolean' },
        'no-shrink': { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return 2;
  }
  const first = wholeNumber(values.seed ?? '1', 0);
  const steps = wholeNumber(values.steps ?? '4000', 1);
  const count = wholeNumber(values.seeds ?? '100', 1);
  const only = values.only === undefined ? undefined : values.only === 'none' ? [] : values.only.split(',').map((it) => wholeNumber(it, 0));
  if (first === undefined || steps === undefined || count === undefined || only?.includes(undefined)) {
    console.error(usage);
    return 2;
  }
  const chosen = only?.filter((it) => it !== undefined);
  const trace = values.trace ? { trace: (line: string) => console.log(line) } : {};
  let writes = 0;
  let reads = 0;
  let seconds = 0;
  let undecidable = 0;
  let last: RunResult | undefined;
  for (let seed = first; seed < first + count; seed += 1) {
    const options: RunOptions = { seed, steps, ...(chosen === undefined ? {} : { only: chosen }), ...trace };
    const result = run(options);
    if (result.violation !== undefined) {
      reportFailure({ ...options, ...(values.trace ? {} : {}) }, result, !values['no-shrink'] && !values.trace);
      return 1;
    }
    writes += result.acknowledgedWrites;
    reads += result.servedReads;
    seconds += result.simulatedMs / 1000;
    if (result.undecidable) undecidable += 1;
    last = result;
  }
  const hash = count === 1 && last !== undefined ? `, trace ${last.traceHash.toString(16).padStart(8, '0')}` : '';
  const wiped = undecidable === 0 ? '' : `, ${undecidable} without a quorum of disks at the end`;
  console.log(
    `${count} ${count === 1 ? 'seed' : 'seeds'} of ${steps} steps: every invariant held (${writes} writes, ${reads} reads, ${Math.round(seconds)} simulated seconds${wiped}${hash})`,
  );
  return 0;
};

process.exitCode = main(process.argv.slice(2));
