// npm run simulate:mutants [-- --seeds K --steps N]
// Builds each broken variant of the core and says which seed caught it by which invariant. Exit 0: all caught. 1: some were not.
import { parseArgs } from 'node:util';
import { hunt } from './hunt.ts';
import { mutants } from './mutants.ts';

const main = async (): Promise<number> => {
  const { values } = parseArgs({ options: { seeds: { type: 'string', default: '1000' }, steps: { type: 'string', default: '4000' } } });
  let survivors = 0;
  for (const mutant of mutants) {
    const caught = await hunt(mutant, Number(values.seeds), Number(values.steps));
    if (caught === undefined) survivors += 1;
    const verdict =
      caught?.violation === undefined
        ? `NOT CAUGHT by ${values.seeds} seeds`
        : `seed ${String(caught.seed).padStart(3)}: ${caught.violation.message.slice(0, 150)}`;
    console.log(`${mutant.name.padEnd(30)} ${verdict}`);
  }
  console.log(survivors === 0 ? `all ${mutants.length} mutants were caught` : `${survivors} of ${mutants.length} mutants survived`);
  return survivors === 0 ? 0 : 1;
};

process.exitCode = await main();
