import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageBuild } from '@tso/compose';
import { TsoError } from '@tso/proto';
import type { Io } from '../io.ts';
import { platformOf } from '../view-model/build-plan.ts';
import { buildCommand, pushCommand } from '../view-model/buildah-arguments.ts';
import { makeBuildFolder } from './build-folder.ts';
import type { BuildHost } from './build-host.ts';
import { requireMemory } from './memory-folder.ts';
import { runBuildah } from './run-buildah.ts';

/** What the command line says about all builds. */
export interface BuildWish {
  readonly noCache: boolean;
  readonly pull: boolean;
}

export interface BuildPorts {
  readonly host: BuildHost;
  readonly io: Pick<Io, 'env' | 'clock'>;
  /** Hears what buildah says. */
  readonly onLine: (service: string, line: string) => void;
  readonly signal: AbortSignal;
  /** The name of the image that was built for another service. */
  readonly imageOf: (service: string) => string;
}

/** An image as it was built, in a folder of the OCI layout. */
export interface BuiltImage {
  /** Of its manifest. */
  readonly digest: string;
  readonly layout: string;
}

interface Inputs {
  readonly dockerfile: string;
  readonly secrets: readonly { readonly id: string; readonly file: string }[];
}

/** What the file itself holds is written down for the time of the build: secrets in memory, the Dockerfile beside the layers. */
const writeInputs = async (build: ImageBuild, folder: string, memoryFolder: string): Promise<Inputs> => {
  const dockerfile = build.dockerfileInline === undefined ? build.dockerfile : join(folder, 'Dockerfile');
  if (build.dockerfileInline !== undefined) await writeFile(dockerfile, build.dockerfileInline, { mode: 0o600 });
  const secrets: { id: string; file: string }[] = [];
  for (const [n, secret] of build.secrets.entries()) {
    if ('file' in secret) secrets.push(secret);
    else {
      const file = join(memoryFolder, String(n));
      await writeFile(file, secret.data, { mode: 0o600 });
      secrets.push({ id: secret.id, file });
    }
  }
  return { dockerfile, secrets };
};

const timestampOf = ({ SOURCE_DATE_EPOCH: said }: Io['env']): string | undefined => {
  if (said === undefined || said === '') return undefined;
  if (/^\d{1,11}$/.test(said)) return said;
  throw new TsoError('INVALID_ARGUMENT', `SOURCE_DATE_EPOCH is ${JSON.stringify(said)}, which is no number of seconds`, {
    hint: 'Set it to whole seconds since 1970, or unset it',
  });
};

/** Commas end a value in buildah's notation, which is one line. */
const checkPaths = (inputs: Inputs, service: string): void => {
  for (const { id, file } of inputs.secrets) {
    if (!/[,\n]/.test(id) && !/[,\n]/.test(file)) continue;
    throw new TsoError(
      'INVALID_ARGUMENT',
      `the build of service ${service}: the secret ${JSON.stringify(id)} has a comma or line break in its id or path`,
      {
        hint: 'Rename it',
      },
    );
  }
};

/**
 * Builds one image and hands it to `use`; afterwards nothing of it is left but layers for the next build. Errors as `runBuildah`, and those
 * of `buildCommand`.
 */
export const buildImage = async <T>(
  build: ImageBuild,
  wish: BuildWish,
  ports: BuildPorts,
  use: (image: BuiltImage) => Promise<T>,
): Promise<T> => {
  const { host, io, signal, imageOf } = ports;
  const { service } = build;
  if (build.secrets.some((secret) => 'data' in secret)) await requireMemory(host.memoryFolder, service);
  const folder = await makeBuildFolder(host.workFolder);
  const memory = await makeBuildFolder(host.memoryFolder);
  try {
    const inputs = await writeInputs(build, folder, memory);
    checkPaths(inputs, service);
    const settings = {
      ...host,
      ...wish,
      ...inputs,
      imageOf,
      platform: platformOf(build, host.platform),
      timestamp: timestampOf(io.env),
    };
    await runBuildah(host, buildCommand(build, settings), io, {
      signal,
      onLine: (line) => ports.onLine(service, line),
      what: `the build of service ${service}`,
    });
    const layout = join(folder, 'image');
    const digestFile = join(folder, 'digest');
    const push = pushCommand(build.image, layout, digestFile, host.signaturePolicy);
    await runBuildah(host, push, io, { signal, onLine: () => undefined, what: `writing the image of service ${service}` });
    return await use({ digest: (await readFile(digestFile, 'utf8')).trim(), layout });
  } finally {
    await Promise.all([folder, memory].map((path) => rm(path, { recursive: true, force: true })));
  }
};
