import type { Json } from '@tso/compose';
import { TsoError } from '@tso/proto';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { writeOut } from '../io.ts';
import { type FileOptions, type LoadedModel, loadModelOf, loadOptions, loadStack, strictOption, tell } from '../load-stack.ts';
import { jsonDocument } from '../output/json.ts';
import { renderTable } from '../output/table.ts';
import { hashInput, imagesOf, namesOf, servicesOf, sortedByName } from '../view-model/config-parts.ts';
import { writeResult } from '../write-result.ts';

/** Which part of the model is printed instead of all of it. */
const parts = ['services', 'volumes', 'networks', 'models', 'hash', 'profiles', 'images', 'variables', 'environment'] as const;
type Part = (typeof parts)[number];

interface ConfigOptions extends FileOptions, Readonly<Partial<Record<Exclude<Part, 'hash'>, boolean>>> {
  readonly hash?: string;
  readonly output?: string;
  readonly resolveImageDigests?: boolean;
  readonly lockImageDigests?: boolean;
  readonly normalize?: boolean;
  readonly pathResolution?: boolean;
  readonly consistency?: boolean;
  readonly envResolution?: boolean;
  readonly allResources?: boolean;
}

type ConfigCall = Call<ConfigOptions>;

const lines = (values: readonly string[]): string => values.map((value) => `${value}\n`).join('');

const hashesOf = async (model: unknown, wanted: string): Promise<Readonly<Record<string, string>>> => {
  const known = servicesOf(model).toSorted();
  const names = wanted === '*' ? known : wanted.split(',').toSorted();
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const { meantHint } = await import('@tso/compose');
    throw new TsoError('NOT_FOUND', `--hash: no such service: ${unknown}`, {
      hint: meantHint(unknown, known) ?? `There are: ${known.join(', ')}.`,
    });
  }
  // Not imported at the top: loading it takes longer than the rest of a short command.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return Object.fromEntries(names.map((name) => [name, createHash('sha256').update(hashInput(model, name)).digest('hex')]));
};

/** One document in the format that was asked for. */
const documentText = async (document: Json, format: string): Promise<string> =>
  format === 'json' ? jsonDocument(document) : (await import('@tso/compose')).renderModel(document, 'yaml', { escapeDollars: false });

/** As `docker compose config --variables` prints them: a table, or documents with the field names of its source. */
const variablesText = async (model: LoadedModel['model'], format: string | undefined): Promise<string> => {
  const { variablesOf } = await import('@tso/compose');
  const variables = variablesOf(model);
  if (format === undefined)
    return renderTable(
      ['NAME', 'REQUIRED', 'DEFAULT VALUE', 'ALTERNATE VALUE'].map((title) => ({ title })),
      variables.map(({ name, required, defaultValue, alternateValue }) => [name, String(required), defaultValue, alternateValue]),
      undefined,
    );
  // In YAML the names of the fields are lower case there.
  const word = (text: string): string => (format === 'json' ? text : text.toLowerCase());
  const documents = variables.map(({ name, required, defaultValue, alternateValue }) => {
    const fields = { Name: name, DefaultValue: defaultValue, PresenceValue: alternateValue, Required: required };
    return [name, Object.fromEntries(Object.entries(fields).map(([key, value]) => [word(key), value]))] as const;
  });
  return documentText(Object.fromEntries(documents), format);
};

/** Names as a list, hashes and the environment by name. */
const partOf = (part: Exclude<Part, 'variables'>, { options }: ConfigCall, loaded: LoadedModel) => {
  const { model, project, profiles, environment } = loaded;
  switch (part) {
    case 'services':
      return servicesOf(model);
    case 'volumes':
    case 'networks':
    case 'models':
      return namesOf(model, part);
    case 'hash':
      return hashesOf(model, options.hash ?? '*');
    case 'profiles':
      return profiles;
    case 'images':
      return imagesOf(model, project.name);
    case 'environment':
      return sortedByName(environment);
    default:
      return part satisfies never;
  }
};

const partText = async (part: Part, call: ConfigCall, loaded: LoadedModel): Promise<string> => {
  const { options } = call;
  if (part === 'variables') return variablesText(loaded.model, options.format);
  const found = await partOf(part, call, loaded);
  if (options.format !== undefined) return documentText(found, options.format);
  const between = part === 'environment' ? '=' : ' ';
  return lines(Array.isArray(found) ? found : Object.entries(found).map(([name, value]) => `${name}${between}${value}`));
};

const refuseRegistries = ({ resolveImageDigests, lockImageDigests }: ConfigOptions): void => {
  if (resolveImageDigests !== true && lockImageDigests !== true) return;
  const flag = resolveImageDigests === true ? '--resolve-image-digests' : '--lock-image-digests';
  throw new TsoError('UNIMPLEMENTED', `${flag} would have to ask registries, and tso config asks nobody`, {
    hint: 'Name the image by its digest, image: NAME@sha256:…, and every node runs exactly that.',
  });
};

const config = async (call: ConfigCall): Promise<number> => {
  const { io, options, args, json } = call;
  refuseRegistries(options);
  const [part, other] = parts.filter((one) => options[one] !== undefined);
  if (other !== undefined) throw new UsageError(`--${part} and --${other} are two results`, 'Ask for one at a time.');
  if (options.quiet) {
    const checked = await loadStack(options, io, json, args);
    if (typeof checked === 'number') return checked;
    await tell(io, checked.warnings);
    return exitCodes.done;
  }
  const interpolate = options.interpolate !== false && part !== 'variables';
  const loaded = await loadModelOf(part === 'variables' ? { ...options, profile: ['*'] } : options, io, json, args, {
    interpolate,
    normalize: options.normalize !== false && part !== 'variables',
    resolvePaths: options.pathResolution !== false && part !== 'variables',
    checkConsistency: options.consistency !== false && part !== 'variables',
    // Parts are told without a look into env files of services.
    resolveEnvironment: options.envResolution !== false && (part === undefined || part === 'hash'),
    allResources: options.allResources === true || part === 'variables',
  });
  if (typeof loaded === 'number') return loaded;
  const text =
    part === undefined
      ? (await import('@tso/compose')).renderModel(loaded.model, json ? 'json' : 'yaml', { escapeDollars: interpolate })
      : await partText(part, call, loaded);
  if (options.output === undefined) await writeOut(io.stdout, text);
  else await writeResult(io.cwd, options.output, text);
  return exitCodes.done;
};

export const registerConfig: Registrar = (program, host) => {
  const command = program
    .command('config')
    .description('the resolved model of the compose files')
    .argument('[service...]', 'only these services')
    .option('--services', 'names of services, each behind those that it depends on')
    .option('--volumes', 'names of volumes')
    .option('--networks', 'names of networks')
    .option('--models', 'names of models')
    .option('--images', 'the image of each service')
    .option('--profiles', 'names of profiles, also of services that take no part')
    .option('--variables', 'variables that the files ask for, with their defaults')
    .option('--environment', 'what variables are looked up in')
    .option('--hash <services>', 'hash of each service’s configuration, * for all')
    .option('--no-interpolate', 'leave ${…} as it is written')
    .option('--no-normalize', 'leave out names, defaults and what is implied')
    .option('--no-path-resolution', 'leave paths as they are written')
    .option('--no-env-resolution', 'leave env files of services unread')
    .option('--no-consistency', 'do not ask whether the parts of the files agree')
    .option('--all-resources', 'also networks, volumes, configs and secrets that no service uses')
    .option('--resolve-image-digests', 'not there: registries would have to be asked')
    .option('--lock-image-digests', 'not there: registries would have to be asked')
    .option('-q, --quiet', 'only check, as up does before it asks the cluster')
    .option('-o, --output <file>', 'write to a file, whole or not at all')
    .addOption(strictOption())
    .addOption(formatOption(['yaml', 'json']))
    .action(host.act(config));
  for (const option of loadOptions()) command.addOption(option);
  addPlaceOptions(command);
  example(command, 'tso config -f stack.yml', 'tso config -f stack.yml -q && echo fine', 'tso config --variables', "tso config --hash '*'");
};
