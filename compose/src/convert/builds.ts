import type { Ulimit } from '@tso/proto';
import type { BuildModel, ServiceModel } from '../model.ts';
import { resolvePath } from '../paths.ts';
import { isRemote } from '../relative-paths.ts';
import { pathText, type TreePath } from '../tree.ts';
import { bytesOf, type ConvertInput, tell } from './context.ts';
import { readContent } from './file-mounts.ts';

/** Images that services say how to build, as plain data for whoever builds them. */

/** What a build may read and no layer keeps: a file, or bytes that stand in no file. */
export type BuildSecret = { readonly id: string; readonly file: string } | { readonly id: string; readonly data: Uint8Array };

/** How the image of one service is built. Paths are absolute. */
export interface ImageBuild {
  readonly service: string;
  /** What the image is called: `image` of the service, else PROJECT-SERVICE; the same as in its ContainerSpec. */
  readonly image: string;
  /** Other names for it. */
  readonly tags: readonly string[];
  /** Each time, whether there is such an image or not (pull_policy: build). */
  readonly always: boolean;
  readonly context: string;
  /** Empty with `dockerfileInline`. */
  readonly dockerfile: string;
  readonly dockerfileInline: string | undefined;
  /** By name: an absolute folder, `docker-image://REFERENCE` or `service:NAME` (the image built for it, which comes first). */
  readonly additionalContexts: Readonly<Record<string, string>>;
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** The stage to build; empty: the last. */
  readonly target: string;
  /** References of images in registries. */
  readonly cacheFrom: readonly string[];
  readonly noCache: boolean;
  /** Ask registries for newer base images. */
  readonly pull: boolean;
  /** os/arch[/variant]; empty: that of the host. */
  readonly platforms: readonly string[];
  readonly network: '' | 'host' | 'none';
  readonly secrets: readonly BuildSecret[];
  /** `default` or `id=path`. */
  readonly ssh: readonly string[];
  /** 0: not said. */
  readonly shmSizeBytes: number;
  readonly ulimits: readonly Ulimit[];
  /** name=address */
  readonly extraHosts: readonly string[];
  /** Steps run with all rights (privileged, or the entitlement security.insecure). */
  readonly privileged: boolean;
}

/** The name of a service's image; PROJECT-SERVICE where it only says how to build one. */
export const imageOf = (input: ConvertInput, service: ServiceModel, name: string): string =>
  service.image || (service.build === undefined ? '' : `${input.model.name}-${name}`);

export const toUlimits = (ulimits: ServiceModel['ulimits']): readonly Ulimit[] =>
  Object.entries(ulimits ?? {}).map(([name, value]) =>
    typeof value === 'number' ? { name, soft: value, hard: value } : { name, soft: value.soft, hard: value.hard },
  );

/** References of images, `NAME` or `type=registry,ref=NAME`; other kinds of caches are left out, and told: a build only takes longer. */
const toCaches = (input: ConvertInput, said: readonly string[] | undefined, at: TreePath): readonly string[] =>
  (said ?? []).flatMap((text, index) => {
    if (!/^[a-z]+=/.test(text)) return [text];
    const fields = new Map(text.split(',').map((field) => field.split(/=(.*)/s) as [string, string]));
    const reference = fields.get('type') === 'registry' ? fields.get('ref') : undefined;
    if (reference !== undefined && reference !== '') return [reference];
    const message = `the cache ${text} has no effect (${pathText([...at, index])}): the builder keeps its own and takes images of registries`;
    tell(input, 'W400', [...at, index], message, 'remove it, or write type=registry,ref=NAME');
    return [];
  });

const toNetwork = (input: ConvertInput, build: BuildModel, path: TreePath): ImageBuild['network'] => {
  const said = build.network ?? '';
  if (said === '' || said === 'default') return (build.entitlements ?? []).includes('network.host') ? 'host' : '';
  if (said === 'host' || said === 'none') return said;
  const message = `builds cannot join the network ${said}, which is one of the cluster (${pathText([...path, 'network'])})`;
  tell(input, 'E401', [...path, 'network'], message, 'use host or none, or leave it out');
  return '';
};

const checkEntitlements = (input: ConvertInput, build: BuildModel, path: TreePath): void => {
  for (const [index, said] of (build.entitlements ?? []).entries()) {
    if (said === 'network.host' || said === 'security.insecure') continue;
    tell(
      input,
      'E401',
      [...path, 'entitlements', index],
      `the entitlement ${said} is not supported yet`,
      'use network.host or security.insecure',
    );
  }
};

const toSecrets = (input: ConvertInput, build: BuildModel, at: TreePath): readonly BuildSecret[] =>
  (build.secrets ?? []).flatMap((reference, index): readonly BuildSecret[] => {
    const key = reference.source ?? '';
    const path = [...at, 'secrets', index];
    const secret = input.model.secrets?.[key];
    const id = reference.target ?? key;
    if (secret === undefined) return [];
    if (secret.external === true) {
      const message = `the build secret ${key} is external: what a cluster keeps is never read back`;
      tell(input, 'E401', path, message, 'declare it with file: or environment:');
      return [];
    }
    if (secret.file !== undefined && input.files.isFile(secret.file)) return [{ id, file: secret.file }];
    const data = readContent(input, secret, `build secret ${key}`, ['secrets', key]);
    return data === undefined ? [] : [{ id, data }];
  });

const checkContexts = (input: ConvertInput, build: BuildModel, path: TreePath): void => {
  const told = (what: string, at: TreePath): void =>
    tell(input, 'E401', at, `the build context ${what} lies elsewhere, which is not supported yet`, 'fetch it, and name the folder');
  if (isRemote(build.context ?? '')) told(build.context ?? '', [...path, 'context']);
  for (const [name, context] of Object.entries(build.additional_contexts ?? {})) {
    const at = [...path, 'additional_contexts', name];
    if (context.startsWith('docker-image://')) continue;
    if (/^(oci-layout|target):/.test(context)) {
      tell(
        input,
        'E401',
        at,
        `the build context ${context} is of a kind that is not supported yet`,
        'use a folder, docker-image://NAME or service:NAME',
      );
      continue;
    }
    if (isRemote(context)) told(context, at);
    const other = /^service:(.*)$/.exec(context)?.[1];
    if (other !== undefined && input.model.services[other] !== undefined && input.model.services[other]?.build === undefined) {
      const message = `the build takes in what is built for service ${other}, which has no build section`;
      tell(input, 'E304', at, message, `write docker-image://${input.model.services[other]?.image ?? 'NAME'}`);
    }
  }
};

const toBuild = (input: ConvertInput, service: ServiceModel, name: string, build: BuildModel): ImageBuild => {
  const path = ['services', name, 'build'];
  const context = build.context ?? input.workingDir;
  const inline = build.dockerfile_inline;
  const perStage = build.no_cache_filter ?? [];
  checkContexts(input, build, path);
  checkEntitlements(input, build, path);
  if (perStage.length > 0 && build.no_cache !== true) {
    const message = `no_cache_filter leaves caches out of the whole build, not of ${perStage.join(', ')} alone`;
    tell(input, 'W401', [...path, 'no_cache_filter'], message, 'write no_cache: true');
  }
  return {
    service: name,
    image: imageOf(input, service, name),
    tags: build.tags ?? [],
    always: service.pull_policy === 'build',
    context,
    dockerfile: inline === undefined ? resolvePath(context, build.dockerfile ?? 'Dockerfile') : '',
    dockerfileInline: inline,
    additionalContexts: build.additional_contexts ?? {},
    args: Object.fromEntries(Object.entries(build.args ?? {}).flatMap(([key, value]) => (value === null ? [] : [[key, value]]))),
    labels: build.labels ?? {},
    target: build.target ?? '',
    cacheFrom: toCaches(input, build.cache_from, [...path, 'cache_from']),
    noCache: build.no_cache === true || perStage.length > 0,
    pull: build.pull === true,
    platforms: build.platforms ?? (service.platform === undefined ? [] : [service.platform]),
    network: toNetwork(input, build, path),
    secrets: toSecrets(input, build, path),
    ssh: build.ssh ?? [],
    shmSizeBytes: bytesOf(build.shm_size),
    ulimits: toUlimits(build.ulimits),
    extraHosts: build.extra_hosts ?? [],
    privileged: build.privileged === true || (build.entitlements ?? []).includes('security.insecure'),
  };
};

/** What is to be built, by service in the order of the model (E101, E121, E304, E401, W400, W401). */
export const toBuilds = (input: ConvertInput): readonly ImageBuild[] =>
  Object.entries(input.model.services).flatMap(([name, service]) =>
    service.build === undefined ? [] : [toBuild(input, service, name, service.build)],
  );
