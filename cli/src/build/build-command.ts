import { TsoError } from '@tso/proto';
import type { Call } from '../command-host.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { printWarning } from '../failure.ts';
import { type FileOptions, loadStack, tell } from '../load-stack.ts';
import { jsonDocument } from '../output/json.ts';
import { buildStack } from './build-stack.ts';

export interface BuildOptions extends FileOptions {
  readonly cache?: boolean;
  readonly pull?: boolean;
  readonly load?: boolean;
  readonly node?: string;
  readonly buildArg?: readonly BuildArgument[];
}

export interface BuildArgument {
  readonly name: string;
  /** Undefined: the environment's. */
  readonly value: string | undefined;
}

const argumentsOf = (said: readonly BuildArgument[], env: Call<unknown>['io']['env']): Readonly<Record<string, string>> =>
  Object.fromEntries(
    said.flatMap(({ name, value = env[name] }) => {
      if (value === undefined)
        throw new TsoError('INVALID_ARGUMENT', `--build-arg ${name}: there is no variable ${name} in the environment`, {
          hint: `Write --build-arg ${name}=VALUE, or set it`,
        });
      return [[name, value]];
    }),
  );

/** `tso build`: builds images of services, and brings them into the cluster. */
export const build = async (call: Call<BuildOptions>): Promise<number> => {
  const { io, options, args: services, json } = call;
  if (options.load === false && options.node !== undefined)
    throw new UsageError(`--node ${options.node} has no meaning with --no-load`, 'Leave one of them out.');
  const loaded = await loadStack(options, io, json, services);
  if (typeof loaded === 'number') return loaded;
  const own = argumentsOf(options.buildArg ?? [], io.env);
  const builds = loaded.builds.map((one) => ({ ...one, args: { ...one.args, ...own } }));
  const wanted = new Set(builds.map(({ service }) => service).filter((service) => services.length === 0 || services.includes(service)));
  if (!json) await tell(io, loaded.warnings);
  const warnings: string[] = [];
  const built = await buildStack(call, {
    builds,
    wanted,
    node: options.load === false ? undefined : (options.node ?? ''),
    noCache: options.cache === false,
    pull: options.pull === true,
    quiet: options.quiet === true || json,
    // A failure is one document on stderr: beside JSON they wait until there is none.
    onWarning: (warning) => void (json ? warnings.push(warning) : printWarning(io, warning)),
  });
  if (json) {
    const rows = built.map(({ service, image, digest, loaded: there }) => ({
      service,
      image,
      digest,
      id: there?.id ?? null,
      node: there?.node ?? null,
      existed: there?.existed ?? null,
    }));
    io.stdout.write(jsonDocument(rows));
    await tell(io, loaded.warnings);
    for (const warning of warnings) printWarning(io, warning);
  } else if (options.quiet === true) io.stdout.write(built.map(({ digest }) => `${digest}\n`).join(''));
  else if (built.length === 0 && services.length > 0)
    io.stderr.write(`None of these services has a build section: ${services.join(', ')}.\n`);
  else if (built.length === 0) io.stderr.write('No service has a build section: there is nothing to build.\n');
  else if (options.load === false) io.stderr.write(built.map(({ image, digest }) => `Image ${image} is built: ${digest}\n`).join(''));
  return exitCodes.done;
};
