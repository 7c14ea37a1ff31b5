import { coverageKinds } from './coverage.ts';
import type { RunOptions } from './simulation.ts';
import type { Failure, Sweep } from './sweep.ts';
import { invariants } from './violation.ts';

const hex = (hash: number): string => hash.toString(16).padStart(8, '0');

/** The one line that shows a failure again. */
export const replayLine = ({ seed, steps, size, kind, focus }: RunOptions, only?: readonly number[]): string =>
  [
    `npm run simulate -- --seed ${seed} --steps ${steps}`,
    ...(size === undefined ? [] : [`--nodes ${size}`]),
    ...(focus === undefined ? [] : [`--focus ${focus}`]),
    ...(kind === 'driver' ? ['--driver'] : []),
    ...(only === undefined ? [] : [`--only ${only.length === 0 ? 'none' : only.join(',')}`]),
  ].join(' ');

const failureText = ({ options, result, violation, cut }: Failure): readonly string[] => {
  const head = [`seed ${options.seed}, step ${result.step}, ${violation.message}`, `replay: ${replayLine(options, options.only)}`];
  if (cut === undefined) return head;
  return [
    ...head,
    `cut from ${result.actions.length} to ${cut.only.length} actions, step ${cut.result.step}: ${cut.result.violation?.message}`,
    ...cut.result.actions.map(({ number, atMs, kind }) => `  ${String(number).padStart(5)}  ${String(atMs).padStart(7)} ms  ${kind}`),
    `replay: ${replayLine(options, cut.only)}`,
  ];
};

/** For people. */
export const sweepText = (sweep: Sweep): string => {
  if (sweep.failure !== undefined) return failureText(sweep.failure).join('\n');
  const { seeds, from, steps, seconds, coverage } = sweep;
  const which = seeds === 1 ? `seed ${from}` : `${seeds} seeds (${from} to ${from + seeds - 1})`;
  return [
    `${which} of ${steps} steps: every invariant held`,
    `  ${seconds.toFixed(1)} s, ${(seeds / Math.max(seconds, 0.001)).toFixed(1)} seeds per second, ${sweep.simulatedSeconds} simulated seconds${
      seeds === 1 ? `, trace ${hex(sweep.lastTrace)}` : `, ${sweep.repeated} seeds run twice with the same trace`
    }`,
    `  once healed: a leader within ${(sweep.slowestLeaderMs / 1000).toFixed(1)} s (seed ${sweep.slowestSeed}), equal logs within ${(sweep.slowestConvergenceMs / 1000).toFixed(1)} s` +
      (sweep.undecidable === 0 ? '' : ` (${sweep.undecidable} runs without a quorum of disks left out)`),
    ...coverageKinds.map((kind) => `  ${String(coverage.of(kind)).padStart(9)} ${kind}`),
  ].join('\n');
};

/** For machines. */
export const sweepJson = (sweep: Sweep): string => {
  const { failure, seeds, from, steps, seconds, coverage, simulatedSeconds, repeated, undecidable, lastTrace } = sweep;
  return JSON.stringify({
    from,
    seeds,
    steps,
    seconds,
    seedsPerSecond: seeds / Math.max(seconds, 0.001),
    simulatedSeconds,
    slowestLeaderMs: sweep.slowestLeaderMs,
    slowestSeed: sweep.slowestSeed,
    slowestConvergenceMs: sweep.slowestConvergenceMs,
    repeated,
    undecidable,
    trace: hex(lastTrace),
    coverage,
    failure:
      failure === undefined
        ? null
        : {
            seed: failure.options.seed,
            step: failure.result.step,
            invariant: failure.violation.invariant,
            name: invariants[failure.violation.invariant],
            message: failure.violation.message,
            replay: replayLine(failure.options, failure.cut?.only ?? failure.options.only),
            actions: (failure.cut?.result ?? failure.result).actions.map(({ number, atMs, kind }) => ({ number, atMs, kind })),
          },
  });
};
