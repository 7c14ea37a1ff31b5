import { type Mutant, withMutant } from './mutants.ts';
import { type RunResult, run } from './simulation.ts';

/** The first seed that catches the mutant, or undefined when none of them does. */
export const hunt = (mutant: Mutant, seeds: number, steps: number): Promise<RunResult | undefined> =>
  withMutant(mutant, (core) => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const result = run({ seed, steps, core, disk: mutant.disk ?? 'syncs' });
      if (result.violation !== undefined) return result;
    }
    return undefined;
  });
