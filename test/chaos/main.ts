// npm run chaos (--help says how)
import { chaosHelp, parseChaos } from './arguments.ts';
import { Chaos, kinds, reportText } from './run.ts';

const main = async (args: readonly string[]): Promise<number> => {
  const parsed = parseChaos(args, kinds);
  if (parsed.kind === 'refused') {
    console.error(`chaos: ${parsed.why} (--help lists the options)`);
    return 2;
  }
  if (parsed.kind === 'help' || parsed.options === 'kinds') {
    console.log(parsed.kind === 'help' ? chaosHelp : kinds.join('\n'));
    return 0;
  }
  if (process.getuid?.() !== 0) {
    console.error('chaos: it makes network namespaces and containers, which needs root: sudo npm run chaos');
    return 2;
  }
  const report = await new Chaos(parsed.options, console.log).run();
  console.log(reportText(parsed.options, report));
  return report.problems.length === 0 ? 0 : 1;
};

process.exitCode = await main(process.argv.slice(2));
