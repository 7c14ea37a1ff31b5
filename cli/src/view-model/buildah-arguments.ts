import type { ImageBuild } from '@tso/compose';
import { TsoError } from '@tso/proto';
import { fullImageName } from './image-name.ts';

/** How commands of a build are kept apart from the host. */
export type Isolation = { readonly kind: 'oci'; readonly runtime: string } | { readonly kind: 'chroot' };

/** What the host adds to what the file says. */
export interface BuildSettings {
  readonly isolation: Isolation;
  /** os/arch; empty: the host's. */
  readonly platform: string;
  readonly dockerfile: string;
  readonly secrets: readonly { readonly id: string; readonly file: string }[];
  /** Given when the host has no policy of its own. */
  readonly signaturePolicy: string | undefined;
  /** Epoch seconds for all times of the image (SOURCE_DATE_EPOCH); undefined: as they are. */
  readonly timestamp: string | undefined;
  /** The name of the image that was built for another service. */
  readonly imageOf: (service: string) => string;
  readonly noCache: boolean;
  readonly pull: boolean;
}

const contextOf = (context: string, imageOf: BuildSettings['imageOf']): string => {
  if (context.startsWith('service:')) return `container-image://${fullImageName(imageOf(context.slice('service:'.length)))}`;
  if (!context.startsWith('oci-layout:')) return context;
  throw new TsoError('UNIMPLEMENTED', `the build context ${context} cannot be taken in: buildah reads folders and images`, {
    hint: 'Push or load it as an image, and write docker-image://NAME',
  });
};

/** buildah looks there for layers that were pushed for it, under tags of its own. */
const withoutTag = (reference: string): string => reference.replace(/@.*$/, '').replace(/:[^/]*$/, '');

const networkOf = ({ service, network }: ImageBuild, { kind }: Isolation): string => {
  if (network !== 'none') return 'host';
  if (kind === 'oci') return 'none';
  throw new TsoError('FAILED_PRECONDITION', `the build of service ${service} is to have no network, which takes runc and root`, {
    hint: 'Install it: apt-get install runc',
  });
};

const isolationArguments = (isolation: Isolation): readonly string[] =>
  isolation.kind === 'oci' ? ['--isolation', 'oci', '--runtime', isolation.runtime] : ['--isolation', 'chroot'];

const limit = ({ name, soft, hard }: ImageBuild['ulimits'][number]): string => `${name}=${soft}:${hard}`;

/** `x=address` and the like as buildah wants them: `x:address`. */
const hostLine = (text: string): string => text.replace('=', ':');

const each = (flag: string, values: readonly string[]): readonly string[] => values.flatMap((value) => [flag, value]);

const pairs = (values: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(values).map(([key, value]) => `${key}=${value}`);

/**
 * `buildah build` for that image, behind the options of all its commands. In docker's format, since that of OCI knows no SHELL. UNIMPLEMENTED
 * or FAILED_PRECONDITION: what this host's buildah cannot do. Values of build arguments stand in it: as variables of buildah's own, LD_PRELOAD
 * and the like would be code of the file that runs on this host.
 */
export const buildCommand = (build: ImageBuild, settings: BuildSettings): readonly string[] => {
  const { isolation, imageOf, signaturePolicy, timestamp } = settings;
  const contexts = Object.entries(build.additionalContexts).map(([name, context]) => `${name}=${contextOf(context, imageOf)}`);
  return [
    ...['build', '--format', 'docker', '--layers', '--identity-label=false', '--force-rm'],
    ...isolationArguments(isolation),
    ...['--network', networkOf(build, isolation)],
    // What only the host has, built for another service, is not looked for elsewhere.
    `--pull=${build.pull || settings.pull ? 'ifnewer' : 'missing'}`,
    ...(build.noCache || settings.noCache ? ['--no-cache'] : []),
    ...(settings.platform === '' ? [] : ['--platform', settings.platform]),
    ...(build.target === '' ? [] : ['--target', build.target]),
    ...(build.shmSizeBytes === 0 ? [] : ['--shm-size', `${build.shmSizeBytes}b`]),
    ...(build.privileged ? ['--cap-add', 'all', '--security-opt', 'seccomp=unconfined'] : []),
    ...(signaturePolicy === undefined ? [] : ['--signature-policy', signaturePolicy]),
    // The history names layers by what only this host calls them.
    ...(timestamp === undefined ? [] : ['--timestamp', timestamp, '--omit-history']),
    ...each('--build-context', contexts),
    ...each('--label', pairs(build.labels)),
    ...each('--cache-from', build.cacheFrom.map(withoutTag)),
    ...each('--ulimit', build.ulimits.map(limit)),
    ...each('--add-host', build.extraHosts.map(hostLine)),
    ...each('--ssh', build.ssh),
    ...each(
      '--secret',
      settings.secrets.map(({ id, file }) => `id=${id},src=${file}`),
    ),
    ...each('--build-arg', pairs(build.args)),
    ...each('--tag', [build.image, ...build.tags].map(fullImageName)),
    ...['--file', settings.dockerfile, build.context],
  ];
};

/** Of every command: where images and layers of builds are kept. */
export const storageArguments = (storage: {
  readonly root: string;
  readonly runRoot: string;
  readonly driver: string;
  readonly registriesConf: string | undefined;
}): readonly string[] => [
  ...['--root', storage.root, '--runroot', storage.runRoot, '--storage-driver', storage.driver],
  ...(storage.registriesConf === undefined ? [] : ['--registries-conf', storage.registriesConf]),
];

/** `buildah push` into a folder of the OCI layout; the digest of the manifest goes into a file. */
export const pushCommand = (image: string, layout: string, digestFile: string, signaturePolicy: string | undefined): readonly string[] => [
  ...['push', '--quiet', '--digestfile', digestFile],
  ...(signaturePolicy === undefined ? [] : ['--signature-policy', signaturePolicy]),
  ...[fullImageName(image), `oci:${layout}`],
];

/**
 * What makes short names be looked for where Docker looks, when the host's own file does not say where; undefined: it says so. In front of
 * that file, since keys of the root must stand there.
 */
export const registriesText = (hosts: string | undefined): string | undefined => {
  const text = hosts ?? '';
  if (/^\s*unqualified-search-registries\s*=/m.test(text) || /^\s*\[registries\./m.test(text)) return undefined;
  const mode = /^\s*short-name-mode\s*=/m.test(text) ? '' : 'short-name-mode = "permissive"\n';
  return `unqualified-search-registries = ["docker.io"]\n${mode}${text}`;
};
