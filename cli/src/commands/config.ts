import { TsoError } from '@tso/proto';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import { exitCodes } from '../exit-codes.ts';
import { writeOut } from '../io.ts';
import { type FileOptions, type LoadedModel, loadModelOf, loadOptions, loadStack, strictOption } from '../load-stack.ts';
import { jsonDocument } from '../output/json.ts';
import { renderTable } from '../output/table.ts';
import { environmentLines, hashInput, imagesOf, namesOf, servicesOf } from '../view-model/config-parts.ts';
import { writeResult } from '../write-result.ts';

/** Which part of the model is printed instead of all of it; the first one that was asked for. */
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

const hashLines = (model: unknown, wanted: string): string => {
  const known = servicesOf(model).toSorted();
  const names = wanted === '*' ? known : wanted.split(',').toSorted();
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new TsoError('NOT_FOUND', `--hash: there is no service ${unknown}`, { hint: `There are: ${known.join(', ')}.` });
  // Not imported at the top: loading it takes longer than the rest of a short command.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return lines(names.map((name) => `${name} ${createHash('sha256').update(hashInput(model, name)).digest('hex')}`));
};

/** As `docker compose config --variables` prints them: a table, or documents with the field names of its source. */
const variablesText = async (model: LoadedModel['model'], format: string | undefined, width: number | undefined): Promise<string> => {
  const { renderModel, variablesOf } = await import('@tso/compose');
  const variables = variablesOf(model);
  if (format === undefined)
    return renderTable(
      ['NAME', 'REQUIRED', 'DEFAULT VALUE', 'ALTERNATE VALUE'].map((title) => ({ title, wrap: false })),
      variables.map(({ name, required, defaultValue, alternateValue }) => [name, String(required), defaultValue, alternateValue]),
      width,
    );
  // In YAML the names of the fields are lower case there.
  const word = (text: string): string => (format === 'json' ? text : text.toLowerCase());
  const documents = variables.map(({ name, required, defaultValue, alternateValue }) => {
    const fields = { Name: name, DefaultValue: defaultValue, PresenceValue: alternateValue, Required: required };
    return [name, Object.fromEntries(Object.entries(fields).map(([key, value]) => [word(key), value]))] as const;
  });
  const document = Object.fromEntries(documents);
  return format === 'json' ? jsonDocument(document) : renderModel(document, 'yaml', { escapeDollars: false });
};

const partText = async (part: Part, { options, io }: ConfigCall, loaded: LoadedModel): Promise<string> => {
  const { model, project, profiles, environment } = loaded;
  switch (part) {
    case 'services':
      return lines(servicesOf(model));
    case 'volumes':
    case 'networks':
    case 'models':
      return lines(namesOf(model, part));
    case 'hash':
      return hashLines(model, options.hash ?? '*');
    case 'profiles':
      return lines(profiles);
    case 'images':
      return lines(imagesOf(model, project.name));
    case 'variables':
      return variablesText(model, options.format, io.stdout.columns);
    case 'environment':
      return lines(environmentLines(environment));
    default:
      return part satisfies never;
  }
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
  const part = parts.find((one) => options[one] !== undefined);
  if (options.quiet) {
    const checked = await loadStack(options, io, json, args);
    return typeof checked === 'number' ? checked : exitCodes.done;
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
