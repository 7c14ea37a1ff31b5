import { type Attribute, acts, below, warns } from './attribute.ts';

/** How an image is made, on the host where the command runs. */
export const buildAttributes: readonly Attribute[] = [
  acts(
    'services.*.build',
    'compose',
    'built where the command runs (tso build, tso up --build); nodes fetch the image from one another, without a registry',
  ),
  ...below('services.*.build', [
    acts('context', 'compose', 'a folder', 'E401: what lies elsewhere (git, http)'),
    acts('dockerfile', 'compose', 'below the context; Dockerfile unless said'),
    acts('dockerfile_inline', 'compose', 'the text itself', 'E303: with dockerfile'),
    acts('args', 'compose', 'a key without a value takes the one from where the command runs'),
    acts('ssh', 'compose', 'default, or ID=PATH: keys that RUN --mount=type=ssh may use'),
    acts('labels', 'compose', 'labels of the image'),
    acts('cache_from', 'compose', 'repositories whose layers may be used'),
    warns('cache_to', 'compose', 'layers are kept on the host that builds', 'remove it'),
    acts('no_cache', 'compose', 'nothing of earlier builds is used'),
    acts('no_cache_filter', 'compose', 'stages that are built anew; here all are'),
    acts(
      'additional_contexts',
      'compose',
      'folders, docker-image://NAME, service:NAME (built before)',
      'E401: what lies elsewhere (git, http)',
    ),
    acts('network', 'compose', 'host, none or default while it is built', 'E401: a network of the stack'),
    warns('provenance', 'compose', 'no record of how an image was made is kept with it', 'remove it'),
    warns('sbom', 'compose', 'no list of what is in an image is kept with it', 'remove it'),
    acts('pull', 'compose', 'images that it begins with are pulled anew'),
    acts('target', 'compose', 'the stage to build'),
    acts('shm_size', 'compose', 'the size of /dev/shm while it is built'),
    acts('extra_hosts', 'compose', 'lines of /etc/hosts while it is built'),
    warns('isolation', 'compose', 'it applies to Windows only', 'remove it'),
    acts('privileged', 'compose', 'commands of the build have all capabilities'),
    acts('entitlements', 'compose', 'network.host and security.insecure'),
    acts('secrets', 'compose', 'what RUN --mount=type=secret may read; never part of the image'),
    acts('secrets[].source', 'compose', 'which one of those at the top'),
    acts('secrets[].target', 'compose', 'the id that the Dockerfile knows it by'),
    ...['uid', 'gid', 'mode'].map((key) =>
      warns(`secrets[].${key}`, 'compose', 'the Dockerfile says who may read it', `write it there: RUN --mount=type=secret,id=ID,${key}=…`),
    ),
    acts('tags', 'compose', 'names more'),
    acts('ulimits', 'compose', 'while it is built'),
    acts('ulimits.*.soft', 'compose', '-1 for no limit'),
    acts('ulimits.*.hard', 'compose', '-1 for no limit'),
    acts('platforms', 'compose', 'one image for several kinds of nodes', 'E304: the platform of the service is not among them'),
  ]),
];
