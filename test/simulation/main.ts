// npm run simulate (--help says how)
import { parseSimulate, simulateHelp } from './arguments.ts';
import { progressLine } from './progress.ts';
import { sweepJson, sweepText } from './report.ts';
import { sweep } from './sweep.ts';

const main = async (args: readonly string[]): Promise<number> => {
  const parsed = parseSimulate(args);
  if (parsed.kind === 'help') {
    console.log(simulateHelp);
    return 0;
  }
  if (parsed.kind === 'refused') {
    console.error(`simulate: ${parsed.why} (--help lists the options)`);
    return 2;
  }
  const now = (): number => performance.now();
  const result = await sweep(parsed.options, progressLine(parsed.options.seeds, now), now);
  console.log(parsed.options.json ? sweepJson(result) : sweepText(result));
  return result.failure === undefined ? 0 : 1;
};

process.exitCode = await main(process.argv.slice(2));
