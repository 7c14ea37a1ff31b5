import { renameSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { TsoError } from '@tso/proto';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import { exitCodes } from '../exit-codes.ts';
import { writeOut } from '../io.ts';
import { type FileOptions, type LoadedModel, loadModelOf, loadOptions, loadStack } from '../load-stack.ts';
import { hashInput, type NameKind, namesOf } from '../view-model/config-parts.ts';

interface ConfigOptions extends FileOptions {
  readonly services?: boolean;
  readonly volumes?: boolean;
  readonly networks?: boolean;
  readonly images?: boolean;
  readonly profiles?: boolean;
  readonly hash?: string;
  readonly output?: string;
}

const lines = (values: readonly string[]): string => values.map((value) => `${value}\n`).join('');

const hashLines = (loaded: LoadedModel, wanted: string): string => {
  const known = namesOf(loaded.model, 'services');
  const names = wanted === '*' ? known : wanted.split(',');
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new TsoError('NOT_FOUND', `--hash: there is no service ${unknown}`, { hint: `There are: ${known.join(', ')}.` });
  // Not imported at the top: loading it takes longer than the rest of a short command.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return lines(names.map((name) => `${name} ${createHash('sha256').update(hashInput(loaded.model, name)).digest('hex')}`));
};

const textOf = async (options: ConfigOptions, format: string | undefined, loaded: LoadedModel): Promise<string> => {
  const kinds: readonly NameKind[] = ['services', 'volumes', 'networks', 'images', 'profiles'];
  const kind = kinds.find((one) => options[one] === true);
  if (kind !== undefined) return lines(namesOf(loaded.model, kind));
  if (options.hash !== undefined) return hashLines(loaded, options.hash);
  const { renderModel } = await import('@tso/compose');
  const text = renderModel(loaded.model, format === 'json' ? 'json' : 'yaml');
  return text.endsWith('\n') ? text : `${text}\n`;
};

/** Written whole or not at all. */
const writeFile = (path: string, text: string): void => {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
};

const config = async ({ io, options, args, json }: Call<ConfigOptions>): Promise<number> => {
  if (options.quiet) {
    const checked = await loadStack(options, io, json, args);
    return typeof checked === 'number' ? checked : exitCodes.done;
  }
  const loaded = await loadModelOf(options, io, json, args);
  if (typeof loaded === 'number') return loaded;
  const text = await textOf(options, options.format, loaded);
  if (options.output === undefined) await writeOut(io.stdout, text);
  else writeFile(resolve(io.cwd, options.output), text);
  return exitCodes.done;
};

export const registerConfig: Registrar = (program, host) => {
  const command = program
    .command('config')
    .description('the resolved model of the compose files')
    .argument('[service...]', 'only these services')
    .option('--services', 'names of services')
    .option('--volumes', 'names of volumes')
    .option('--networks', 'names of networks')
    .option('--images', 'images that are used')
    .option('--profiles', 'names of profiles')
    .option('--hash <services>', 'hash of each service’s configuration, * for all')
    .option('--no-interpolate', 'leave ${…} as it is written')
    .option('-q, --quiet', 'only check, as up does before it asks the cluster')
    .option('-o, --output <file>', 'write to a file')
    .addOption(formatOption(['yaml', 'json']))
    .action(host.act(config));
  for (const option of loadOptions()) command.addOption(option);
  addPlaceOptions(command);
  example(command, 'tso config -f stack.yml', 'tso config -f stack.yml -q && echo fine');
};
