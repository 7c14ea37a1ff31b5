import { TsoError } from '@tso/proto';
import type { Call } from '../command-host.ts';
import { exitCodes } from '../exit-codes.ts';
import { type FileOptions, loadStack } from '../load-stack.ts';
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
        throw new TsoError('INVALID_ARGUMENT', `--build-arg ${name}: there is no variable ${name} in the environment`);
      return [[name, value]];
    }),
  );

/** `tso build`: builds images of services, and brings them into the cluster. */
export const build = async (call: Call<BuildOptions>): Promise<number> => {
  const { io, options, args: services, json } = call;
  const loaded = await loadStack(options, io, json, services);
  if (typeof loaded === 'number') return loaded;
  const own = argumentsOf(options.buildArg ?? [], io.env);
  const builds = loaded.builds.map((one) => ({ ...one, args: { ...one.args, ...own } }));
  const wanted = new Set(builds.map(({ service }) => service).filter((service) => services.length === 0 || services.includes(service)));
  const quiet = options.quiet === true || json;
  const built = await buildStack(call, {
    builds,
    wanted,
    node: options.load === false ? undefined : (options.node ?? ''),
    noCache: options.cache === false,
    pull: options.pull === true,
    quiet,
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
  } else if (options.quiet === true) io.stdout.write(built.map(({ digest }) => `${digest}\n`).join(''));
  else if (built.length === 0) io.stderr.write('No service has a build section: there is nothing to build.\n');
  else if (options.load === false) io.stderr.write(built.map(({ image, digest }) => `Image ${image} is built: ${digest}\n`).join(''));
  return exitCodes.done;
};
