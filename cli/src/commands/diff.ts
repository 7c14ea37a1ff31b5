import { Option } from 'commander';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import { exitCodes } from '../exit-codes.ts';
import { type FileOptions, loadOptions, loadStack, strictOption, tell } from '../load-stack.ts';
import { collect, parseScale } from '../options.ts';
import type { PreviewOptions } from '../preview-stack.ts';
import { adjustSpec, type SpecWishes } from '../view-model/adjust-spec.ts';

interface DiffOptions extends FileOptions, PreviewOptions, SpecWishes {}

const diff = async (call: Call<DiffOptions>): Promise<number> => {
  const { io, options, args, json } = call;
  const loaded = await loadStack(options, io, json, args);
  if (typeof loaded === 'number') return loaded;
  const { previewStack } = await import('../preview-stack.ts');
  const wish = { spec: adjustSpec(loaded.spec, options), files: loaded.contents, declared: loaded.declared };
  const isDifferent = await previewStack(call, wish, loaded.builds);
  await tell(io, loaded.warnings);
  return isDifferent ? exitCodes.different : exitCodes.done;
};

export const registerDiff: Registrar = (program, host) => {
  const command = program
    .command('diff')
    .description('what tso up would change, and what would be started, stopped and replaced then; exit code 0: nothing, 1: something')
    .argument('[service...]', 'only these services')
    .option('--scale <service=n>', 'number of tasks of a service (repeatable)', collect(parseScale))
    .option('--remove-orphans', 'as if services that the files no longer name were removed')
    .addOption(new Option('--pull <policy>', 'when to pull images').choices(['always', 'missing', 'never']))
    .addOption(formatOption())
    .action(host.act(diff));
  for (const option of [...loadOptions(), strictOption()]) command.addOption(option);
  addPlaceOptions(command);
  example(command, 'tso diff', 'tso diff -f stack.yml --format json', 'tso diff -f stack.yml && echo "nothing to do"');
};
