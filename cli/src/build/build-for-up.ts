import type { ImageBuild } from '@tso/compose';
import type { StackSpec } from '@tso/proto';
import type { Call } from '../command-host.ts';
import { knownImages, sharedDigests, wantedBuilds, withBuiltDigests } from '../view-model/build-plan.ts';

export interface UpBuildOptions {
  /** `--build`: whatever the cluster has. */
  readonly isAsked: boolean;
  /** Nothing is built: it is only said what would be. */
  readonly isDryRun: boolean;
  readonly quiet: boolean;
  readonly onWarning: (warning: string) => void;
}

/**
 * The wish with the images of the services that are built: as the cluster has them, or as they are built now when that was asked for or it
 * has none yet.
 * @param known services of the stack as they are
 */
export const buildForUp = async (
  call: Pick<Call<unknown>, 'io' | 'context'>,
  spec: StackSpec,
  builds: readonly ImageBuild[],
  known: StackSpec['services'],
  { isAsked, isDryRun, quiet, onWarning }: UpBuildOptions,
): Promise<StackSpec> => {
  const images = knownImages(known);
  const wanted = wantedBuilds(builds, images, isAsked);
  const digests = new Map(
    builds.flatMap(({ service, image }) => {
      const one = images.get(service);
      return one === undefined || one.image !== image ? [] : [[service, one.builtDigest]];
    }),
  );
  if (isDryRun) {
    for (const { service, image } of builds)
      if (wanted.has(service) && !quiet) call.io.stderr.write(`Image ${image} of service ${service} would be built.\n`);
  } else if (wanted.size > 0) {
    const { buildStack } = await import('./build-stack.ts');
    const options = { builds, wanted, node: '', noCache: false, pull: false, quiet, onWarning };
    for (const { service, digest } of await buildStack(call, options)) digests.set(service, digest);
  }
  return withBuiltDigests(spec, new Map([...digests, ...sharedDigests(spec, builds, digests, known)]));
};
