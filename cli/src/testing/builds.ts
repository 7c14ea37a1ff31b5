import type { ImageBuild } from '@tso/compose';

/** The build of a service of the stack `shop` that says nothing but its context. */
export const buildOf = (service: string, more: Partial<ImageBuild> = {}): ImageBuild => ({
  service,
  image: `shop-${service}`,
  tags: [],
  always: false,
  context: '/work',
  dockerfile: '/work/Dockerfile',
  dockerfileInline: undefined,
  additionalContexts: {},
  args: {},
  labels: {},
  target: '',
  cacheFrom: [],
  noCache: false,
  pull: false,
  platforms: [],
  network: '',
  secrets: [],
  ssh: [],
  shmSizeBytes: 0,
  ulimits: [],
  extraHosts: [],
  privileged: false,
  ...more,
});
