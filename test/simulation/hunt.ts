import { type Mutant, withMutant } from './mutant.ts';
import { type RunResult, run } from './simulation.ts';

/** Seeds within which a mutant must be caught. */
export const huntSeeds = 400;
/** Seeds that must pass with a mutant that is said to be harmless. */
export const harmlessSeeds = 40;

/** The first seed that catches the mutant, or undefined when none of them does. */
export const hunt = (mutant: Mutant, seeds: number, steps: number): Promise<RunResult | undefined> =>
  withMutant(mutant, async (parts) => {
    const kind = mutant.kind === 'io' ? 'driver' : 'core';
    const focus = mutant.focus === undefined ? {} : { focus: mutant.focus };
    for (let seed = 1; seed <= seeds; seed += 1) {
      const result = await run({ seed, steps, ...parts, kind, disk: mutant.disk ?? 'honest', ...focus });
      if (result.violation !== undefined) return result;
    }
    return undefined;
  });
