import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import type { Level } from '../doctor/examine.ts';
import { exitCodes } from '../exit-codes.ts';
import { colorsFor } from '../output/color.ts';
import { jsonDocument } from '../output/json.ts';
import { requireLocal } from '../unreachable.ts';

const doctor = async ({ io, context, json, options }: Call<object>): Promise<number> => {
  requireLocal(context);
  const [{ examine }, { gatherFacts }] = await Promise.all([import('../doctor/examine.ts'), import('../doctor/gather.ts')]);
  const findings = examine(await gatherFacts(context, io));
  const failed = findings.filter((finding) => finding.level === 'fail').length;
  if (json) {
    io.stdout.write(jsonDocument(findings));
  } else {
    const colors = colorsFor(io.stdout, io.env);
    const signs: Readonly<Record<Level, string>> = { ok: colors.green('ok  '), warn: colors.yellow('warn'), fail: colors.red('FAIL') };
    const shown = options.quiet ? findings.filter((finding) => finding.level !== 'ok') : findings;
    for (const { level, check, message, fix } of shown) {
      io.stdout.write(`${signs[level]}  ${check}: ${message}${fix === '' ? '' : `. ${fix}`}\n`);
    }
    const warned = findings.filter((finding) => finding.level === 'warn').length;
    io.stderr.write(`${findings.length} checks, ${failed} failed, ${warned} with a warning.\n`);
  }
  return failed > 0 ? exitCodes.failed : exitCodes.done;
};

export const registerDoctor: Registrar = (program, host) => {
  const command = program
    .command('doctor')
    .description('what this host has and lacks, and what to install')
    .option('-q, --quiet', 'only what is not well')
    .addOption(formatOption())
    .action(host.act(doctor));
  addPlaceOptions(command);
  example(command, 'sudo tso doctor', 'tso doctor --format json');
};
