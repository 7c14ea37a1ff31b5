import type { SimulateArguments } from './arguments.ts';
import { Coverage } from './coverage.ts';
import { shrink } from './shrink.ts';
import { type RunOptions, type RunResult, run } from './simulation.ts';
import { Violation } from './violation.ts';

/** Each so many seeds one is run again, and must leave the same trace. 17 */
const repeatedEach = 50;

export interface Sweep {
  readonly from: number;
  /** That were run, the failing one among them. */
  readonly seeds: number;
  readonly steps: number;
  readonly seconds: number;
  readonly coverage: Coverage;
  readonly simulatedSeconds: number;
  /** Longest time until a leader was there, and until all logs were equal, once all was healed; milliseconds. */
  readonly slowestLeaderMs: number;
  /** The seed of that. */
  readonly slowestSeed: number;
  readonly slowestConvergenceMs: number;
  readonly repeated: number;
  /** Runs after which so many disks were lost that nothing can be said of liveness. */
  readonly undecidable: number;
  readonly lastTrace: number;
  readonly failure: Failure | undefined;
}

export interface Failure {
  readonly options: RunOptions;
  readonly result: RunResult;
  readonly violation: Violation;
  /** The cut schedule, if it was asked for. */
  readonly cut: { readonly only: readonly number[]; readonly result: RunResult } | undefined;
}

const failureOf = async (options: RunOptions, result: RunResult, violation: Violation, shrinks: boolean): Promise<Failure> => ({
  options,
  result,
  violation,
  cut: shrinks && violation.invariant !== 17 ? await shrink(options, result) : undefined,
});

const repeats = async (options: RunOptions, { traceHash, seed }: RunResult): Promise<Violation | undefined> => {
  const again = (await run(options)).traceHash;
  return again === traceHash ? undefined : new Violation(17, `seed ${seed} leaves the trace ${traceHash}, and then ${again}`);
};

/** Runs seed after seed until one fails. `progress` hears of each. */
export const sweep = async (args: SimulateArguments, progress: (seeds: number) => void, now: () => number): Promise<Sweep> => {
  const coverage = new Coverage();
  const began = now();
  let [seeds, simulatedMs, undecidable, lastTrace, repeated, slowestLeaderMs, slowestSeed, slowestConvergenceMs] = [0, 0, 0, 0, 0, 0, 0, 0];
  let failure: Failure | undefined;
  const trace = args.trace ? { trace: (line: string) => console.log(line) } : {};
  for (let seed = args.from; seed < args.from + args.seeds && failure === undefined; seed += 1) {
    const options: RunOptions = {
      seed,
      steps: args.steps,
      kind: args.driver ? 'driver' : 'core',
      ...(args.nodes === undefined ? {} : { size: args.nodes }),
      ...(args.focus === undefined ? {} : { focus: args.focus }),
      ...(args.only === undefined ? {} : { only: args.only }),
    };
    const result = await run({ ...options, ...trace });
    let { violation } = result;
    if (violation === undefined && !args.trace && (seed - args.from) % repeatedEach === 0) {
      violation = await repeats(options, result);
      repeated += 1;
    }
    if (violation !== undefined) failure = await failureOf(options, result, violation, args.shrinks);
    seeds += 1;
    coverage.addAll(result.coverage);
    simulatedMs += result.simulatedMs;
    undecidable += result.undecidable ? 1 : 0;
    lastTrace = result.traceHash;
    if (result.leaderMs > slowestLeaderMs) [slowestLeaderMs, slowestSeed] = [result.leaderMs, seed];
    slowestConvergenceMs = Math.max(slowestConvergenceMs, result.convergedMs);
    progress(seeds);
  }
  const { from, steps } = args;
  const seconds = (now() - began) / 1000;
  const simulatedSeconds = Math.round(simulatedMs / 1000);
  return {
    from,
    seeds,
    steps,
    seconds,
    coverage,
    simulatedSeconds,
    slowestLeaderMs,
    slowestSeed,
    slowestConvergenceMs,
    repeated,
    undecidable,
    lastTrace,
    failure,
  };
};
