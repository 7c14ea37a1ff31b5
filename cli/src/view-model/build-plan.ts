import type { ImageBuild } from '@tso/compose';
import { formatReference, PullPolicy, type ServiceSpec, type StackSpec, TsoError, tryReference, withDefaultTag } from '@tso/proto';

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

/** As names are compared: in full; one with a digest, an id, and what is no name as it is. */
const named = (name: string): string => {
  const reference = tryReference(name);
  return reference === undefined || reference.digest !== '' ? name : formatReference(withDefaultTag(reference));
};

/**
 * What services that are not built themselves run of what was built for others: whoever names an image that another service of the project builds means
 * that one, as it does on a host. By service. One that says `pull_policy: always` means the registry's.
 * @param digests of those that are built
 * @param known services of the stack as they are, of which those that are not in the wish now may have built it
 */
export const sharedDigests = (
  { services }: StackSpec,
  builds: readonly ImageBuild[],
  digests: ReadonlyMap<string, string>,
  known: readonly ServiceSpec[],
): ReadonlyMap<string, string> => {
  const wished = new Set(services.map(({ name }) => name));
  const byName = new Map<string, string>();
  for (const { name, task } of known)
    if (!wished.has(name) && task.container.builtDigest !== '') byName.set(named(task.container.image), task.container.builtDigest);
  for (const { service, image, tags } of builds) {
    const digest = digests.get(service);
    if (digest !== undefined) for (const name of [...tags, image]) byName.set(named(name), digest);
  }
  const built = new Set(builds.map(({ service }) => service));
  return new Map(
    services.flatMap(({ name, task: { container } }) => {
      const digest = byName.get(named(container.image));
      const isOurs = digest !== undefined && !built.has(name) && container.pullPolicy !== PullPolicy.PULL_ALWAYS;
      return isOurs ? [[name, digest] as const] : [];
    }),
  );
};

/** The wish with the image of each service that is built; by service. */
export const withBuiltDigests = (spec: StackSpec, digests: ReadonlyMap<string, string>): StackSpec => ({
  ...spec,
  services: spec.services.map((service) => {
    const builtDigest = digests.get(service.name);
    if (builtDigest === undefined) return service;
    return { ...service, task: { ...service.task, container: { ...service.task.container, builtDigest } } };
  }),
});

/** An instruction of a Dockerfile that images as they are stored do not have (OCI image-spec config.md), by what buildah says as it comes to it. */
export const lostInstruction = (line: string): string | undefined =>
  /^STEP \d+\/\d+: (HEALTHCHECK|ONBUILD)\s+(?!\s|NONE\s*$)/i.exec(line)?.[1]?.toUpperCase();
