import type { ImageBuild } from '@tso/compose';
import { type ServiceSpec, type StackSpec, TsoError } from '@tso/proto';

/** A build that is to be done. */
export interface PlannedBuild {
  readonly build: ImageBuild;
  /** Its image is for the service; false: only another build takes it in, and the service keeps what it has. */
  readonly isWanted: boolean;
}

/** The services whose images a build takes in. */
const takenIn = ({ additionalContexts }: ImageBuild): readonly string[] =>
  Object.values(additionalContexts).flatMap((context) => (context.startsWith('service:') ? [context.slice('service:'.length)] : []));

/**
 * What to build, each once, what another build takes in before that one. INVALID_ARGUMENT: they take each other in, or one takes in a service
 * that is not built.
 * @param wanted services whose image is to be built
 */
export const planBuilds = (builds: readonly ImageBuild[], wanted: ReadonlySet<string>): readonly PlannedBuild[] => {
  const byService = new Map(builds.map((build) => [build.service, build]));
  const planned = new Map<string, PlannedBuild>();
  const visit = (service: string, path: readonly string[]): void => {
    if (planned.has(service)) return;
    const from = path.at(-1);
    if (path.includes(service)) {
      throw new TsoError('INVALID_ARGUMENT', `builds take each other in: ${[...path.slice(path.indexOf(service)), service].join(' -> ')}`, {
        hint: 'Take one of the additional_contexts away',
      });
    }
    const build = byService.get(service);
    if (build === undefined) {
      throw new TsoError(
        'INVALID_ARGUMENT',
        `the build of service ${from ?? service} takes in service ${service}, which is not built here`,
        {
          hint: 'Name its image instead: docker-image://NAME',
        },
      );
    }
    for (const other of takenIn(build)) visit(other, [...path, service]);
    planned.set(service, { build, isWanted: wanted.has(service) });
  };
  for (const { service } of builds) if (wanted.has(service)) visit(service, []);
  return [...planned.values()];
};

/** What a service's image is in the cluster: its name, and the digest when it was built. */
export interface KnownImage {
  readonly image: string;
  readonly builtDigest: string;
}

/**
 * Which services are to be built: all when that was asked for, those that say `pull_policy: build`, and those of whose image the cluster has
 * nothing under that name yet.
 */
export const wantedBuilds = (
  builds: readonly ImageBuild[],
  known: ReadonlyMap<string, KnownImage>,
  isAsked: boolean,
): ReadonlySet<string> => {
  const has = ({ service, image }: ImageBuild): boolean => {
    const one = known.get(service);
    return one !== undefined && one.image === image && one.builtDigest !== '';
  };
  return new Set(builds.filter((build) => isAsked || build.always || !has(build)).map(({ service }) => service));
};

/** The platform an image is built for; of several it is that of the host that builds, else the first. Empty: the host's, unsaid. */
export const platformOf = ({ platforms }: ImageBuild, host: string): string =>
  platforms.length === 0 ? '' : (platforms.find((platform) => platform === host) ?? platforms[0] ?? '');

/** The images of a stack's services as the cluster has them now, by service. */
export const knownImages = (services: readonly ServiceSpec[]): ReadonlyMap<string, KnownImage> =>
  new Map(services.map(({ name, task: { container } }) => [name, { image: container.image, builtDigest: container.builtDigest }]));

/** The wish with the image of each service that is built; by service. */
export const withBuiltDigests = (spec: StackSpec, digests: ReadonlyMap<string, string>): StackSpec => ({
  ...spec,
  services: spec.services.map((service) => {
    const builtDigest = digests.get(service.name);
    if (builtDigest === undefined) return service;
    return { ...service, task: { ...service.task, container: { ...service.task.container, builtDigest } } };
  }),
});
