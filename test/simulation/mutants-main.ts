// npm run simulate:mutants (--help says how)
import { parseArgs } from 'node:util';
import { parsed, refuseUnless, wholeNumber } from './arguments.ts';
import { harmlessSeeds, hunt, huntSeeds } from './hunt.ts';
import type { Mutant } from './mutant.ts';
import { mutants } from './mutants.ts';

const help = `usage: npm run simulate:mutants [-- options]

Builds each broken variant of the core, or of a disk, and says which seed caught it by which invariant.

  --seeds K     seeds within which one must be caught (${huntSeeds})
  --steps N     events of each run before all is healed (4000)
  --only NAMES  only these, by name, with commas
  --format json one object a line, for machines

Exit 0: all were caught, and what is said to be harmless did no harm. 1: not so. 2: the arguments make no sense.`;

const parse = (args: readonly string[]) =>
  parsed(() => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string', default: String(huntSeeds) },
        steps: { type: 'string', default: '4000' },
        only: { type: 'string' },
        format: { type: 'string', default: 'text' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help' as const;
    refuseUnless(values.format === 'text' || values.format === 'json', `--format is text or json, not "${values.format}"`);
    const named = values.only?.split(',');
    const unknown = named?.find((name) => !mutants.some((mutant) => mutant.name === name));
    refuseUnless(unknown === undefined, `there is no mutant ${unknown}`);
    return {
      seeds: wholeNumber('seeds', values.seeds, 1),
      steps: wholeNumber('steps', values.steps, 1),
      chosen: mutants.filter(({ name }) => named?.includes(name) ?? true),
      json: values.format === 'json',
    };
  });

interface Verdict {
  readonly isRight: boolean;
  readonly text: string;
  readonly seed: number | null;
  readonly invariant: number | null;
}

const judge = async (mutant: Mutant, seeds: number, steps: number): Promise<Verdict> => {
  const tried = mutant.harmless === undefined ? seeds : Math.min(seeds, harmlessSeeds);
  const caught = await hunt(mutant, tried, steps);
  const found = caught?.violation;
  const { seed, invariant } = { seed: found === undefined ? null : (caught?.seed ?? null), invariant: found?.invariant ?? null };
  if (mutant.harmless === undefined) {
    const text = found === undefined ? `NOT CAUGHT by ${tried} seeds` : `seed ${String(seed).padStart(3)}: ${found.message}`;
    return { isRight: found !== undefined, text, seed, invariant };
  }
  const text = found === undefined ? `harmless: ${mutant.harmless}` : `SAID TO BE HARMLESS, and seed ${seed}: ${found.message}`;
  return { isRight: found === undefined, text, seed, invariant };
};

const main = async (args: readonly string[]): Promise<number> => {
  const options = parse(args);
  if (options.kind === 'help') {
    console.log(help);
    return 0;
  }
  if (options.kind === 'refused') {
    console.error(`simulate:mutants: ${options.why} (--help lists the options)`);
    return 2;
  }
  const { chosen, seeds, steps, json } = options.options;
  let wrong = 0;
  for (const mutant of chosen) {
    const { isRight, text, seed, invariant } = await judge(mutant, seeds, steps);
    if (!isRight) wrong += 1;
    const { name, bug } = mutant;
    console.log(
      json
        ? JSON.stringify({ name, bug, seed, invariant, isRight, text })
        : `${name.padEnd(30)} ${text.replaceAll(/\n\s*/g, ' ').slice(0, 180)}`,
    );
  }
  const harmless = chosen.filter((mutant) => mutant.harmless !== undefined).length;
  const summary = `${chosen.length - harmless} mutants were caught${harmless > 0 ? `, ${harmless} are harmless and shown to be` : ''}`;
  if (!json) console.log(wrong === 0 ? summary : `${wrong} of ${chosen.length} mutants SURVIVED, or did harm that nobody expected`);
  return wrong === 0 ? 0 : 1;
};

process.exitCode = await main(process.argv.slice(2));
