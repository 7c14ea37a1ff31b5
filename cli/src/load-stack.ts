import type { Diagnostic, LoadOptions, LoadResult, ModelResult } from '@tso/compose';
import { TsoError } from '@tso/proto';
import type { Option as CommanderOption } from 'commander';
import { Option } from 'commander';
import { exitCodes, UsageError } from './exit-codes.ts';
import type { Io } from './io.ts';
import { asText, collect } from './options.ts';
import { colorsFor } from './output/color.ts';
import { readUpTo } from './read-up-to.ts';

/** Options of every command that reads compose files. */
export interface FileOptions {
  readonly file?: readonly string[];
  readonly projectName?: string;
  readonly profile?: readonly string[];
  readonly envFile?: readonly string[];
  readonly projectDirectory?: string;
  readonly interpolate?: boolean;
  readonly strict?: boolean;
}

export const fileOption = (flags = '-f, --file <file>'): CommanderOption =>
  new Option(flags, 'compose file, - for stdin (repeatable)').argParser(collect(asText));
export const strictOption = (): CommanderOption => new Option('--strict', 'take warnings about the files for errors (TSO_STRICT)');
export const projectOption = (): CommanderOption => new Option('-p, --project-name <name>', 'name of the stack (COMPOSE_PROJECT_NAME)');
export const loadOptions = (): readonly CommanderOption[] => [
  fileOption(),
  projectOption(),
  new Option('--profile <profile>', 'profile to switch on (repeatable)').argParser(collect(asText)),
  new Option('--env-file <file>', 'variables for ${…} in the files (repeatable)').argParser(collect(asText)),
  new Option('--project-directory <dir>', 'where relative paths of the files lead from, else the folder of the first one'),
];

export type LoadedStack = Extract<LoadResult, { readonly ok: true }>;
export type LoadedModel = Extract<ModelResult, { readonly ok: true }>;

/** On stderr, each with its place. */
export const tell = async (io: Io, diagnostics: readonly Diagnostic[]): Promise<void> => {
  if (diagnostics.length === 0) return;
  const { renderDiagnostic } = await import('@tso/compose');
  const color = colorsFor(io.stderr, io.env).enabled;
  for (const diagnostic of diagnostics) io.stderr.write(`${renderDiagnostic(diagnostic, { color }).trimEnd()}\n`);
};

/** `compose.yaml:3:5: message`: a diagnostic in one line. */
export const diagnosticLine = ({ file, line, column, message }: Diagnostic): string =>
  `${file === '' ? '' : line > 0 ? `${file}:${line}:${column}: ` : `${file}: `}${message}`;

const tellFailure = async (io: Io, json: boolean, diagnostics: readonly Diagnostic[]): Promise<number> => {
  if (json) {
    const errors = diagnostics.filter((one) => one.severity === 'error');
    const hint = errors[0]?.hint ?? null;
    const error = { code: 'INVALID_ARGUMENT', message: errors.map(diagnosticLine).join('; '), hint, details: { diagnostics } };
    io.stderr.write(`${JSON.stringify({ error })}\n`);
  } else {
    await tell(io, diagnostics);
  }
  return exitCodes.failed;
};

/** --strict, else TSO_STRICT, so that a build server says it once for all. */
const isStrict = (options: FileOptions, io: Io): boolean => {
  if (options.strict !== undefined) return options.strict;
  const said = io.env.TSO_STRICT ?? '';
  if (['', '0', 'false', 'no', 'off'].includes(said.toLowerCase())) return false;
  if (['1', 'true', 'yes', 'on'].includes(said.toLowerCase())) return true;
  throw new UsageError(`TSO_STRICT is ${JSON.stringify(said)}, which is neither true nor false`, 'Set it to 1 or 0, or unset it.');
};

/** What `-f -` reads. */
const stdinText = async (io: Io): Promise<string> => {
  const { maxFileBytes } = await import('@tso/compose');
  const tooMuch = (): TsoError =>
    new TsoError('INVALID_ARGUMENT', `standard input holds more than ${maxFileBytes / 1024 / 1024} MiB`, {
      hint: 'A compose file is a description of services: keep data in files of its own.',
    });
  return (await readUpTo(io.stdin, maxFileBytes, tooMuch)).toString();
};

const composeOptions = async (options: FileOptions, io: Io, services: readonly string[]): Promise<LoadOptions> => ({
  files: options.file ?? [],
  cwd: io.cwd,
  env: io.env,
  services,
  strict: isStrict(options, io),
  ...(options.file?.includes('-') ? { stdin: await stdinText(io) } : {}),
  ...(options.projectName === undefined ? {} : { projectName: options.projectName }),
  ...(options.profile === undefined ? {} : { profiles: options.profile }),
  ...(options.envFile === undefined ? {} : { envFiles: options.envFile }),
  ...(options.projectDirectory === undefined ? {} : { projectDirectory: options.projectDirectory }),
  ...(options.interpolate === undefined ? {} : { interpolate: options.interpolate }),
});

/**
 * The stack that the options name. What is wrong with it is told on stderr, all of it; then the result is the exit code.
 * Warnings do not stop it; they are the caller's to tell, or to put into its document.
 */
export const loadStack = async (
  options: FileOptions,
  io: Io,
  json: boolean,
  services: readonly string[],
): Promise<LoadedStack | number> => {
  const { load } = await import('@tso/compose');
  const result = await load(await composeOptions(options, io, services));
  if (!result.ok) return tellFailure(io, json, result.diagnostics);
  return result;
};

/** What is left as the files have it. */
export type ModelOptions = Pick<
  LoadOptions,
  'interpolate' | 'normalize' | 'resolvePaths' | 'checkConsistency' | 'resolveEnvironment' | 'allResources'
>;

/** The resolved model only: that tso cannot act on something is no mistake in it, but a warning. */
export const loadModelOf = async (
  options: FileOptions,
  io: Io,
  json: boolean,
  services: readonly string[],
  model: ModelOptions = {},
): Promise<LoadedModel | number> => {
  const { loadModel } = await import('@tso/compose');
  const result = await loadModel({ ...(await composeOptions(options, io, services)), ...model });
  if (!result.ok) return tellFailure(io, json, result.diagnostics);
  await tell(io, result.warnings);
  return result;
};
