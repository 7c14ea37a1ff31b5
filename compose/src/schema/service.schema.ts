import {
  anyKeyTo,
  boolean,
  bytes,
  command,
  duration,
  integer,
  listOf,
  listOrMap,
  namesTo,
  number,
  object,
  oneOf,
  type Schema,
  scalar,
  scalarOrNull,
  text,
  textOrList,
  texts,
} from './build.ts';
import { deploy, develop, deviceRequest } from './deploy.schema.ts';

/** compose-spec 05-services.md and build.md. */

const fileReference = object(
  { source: text, target: text, uid: scalar, gid: scalar, mode: { type: ['string', 'number'] } },
  { or: ['string'] },
);

const ulimits = namesTo(object({ soft: integer, hard: integer }, { or: ['integer', 'string'], required: ['soft', 'hard'] }), '^[a-z]+$');

const extraHosts: Schema = { type: ['array', 'object'], items: text, additionalProperties: { type: ['string', 'array'], items: text } };

const build = object(
  {
    context: text,
    dockerfile: text,
    dockerfile_inline: text,
    entitlements: texts,
    args: listOrMap,
    ssh: listOrMap,
    labels: listOrMap,
    cache_from: texts,
    cache_to: texts,
    no_cache: boolean,
    no_cache_filter: textOrList,
    additional_contexts: listOrMap,
    network: text,
    provenance: { type: ['string', 'boolean'] },
    sbom: { type: ['string', 'boolean'] },
    pull: boolean,
    target: text,
    shm_size: bytes,
    extra_hosts: extraHosts,
    isolation: text,
    privileged: boolean,
    secrets: listOf(fileReference),
    tags: texts,
    ulimits,
    platforms: texts,
  },
  { or: ['string'] },
);

const healthcheck = object({
  disable: boolean,
  test: { type: ['string', 'array'], items: text },
  interval: duration,
  timeout: duration,
  retries: number,
  start_period: duration,
  start_interval: duration,
});

const port = object(
  {
    name: text,
    mode: text,
    host_ip: text,
    target: integer,
    published: { type: ['string', 'integer'] },
    protocol: text,
    app_protocol: text,
  },
  { or: ['string', 'number'] },
);

const volume = object(
  {
    type: oneOf('bind', 'volume', 'tmpfs', 'cluster', 'npipe', 'image'),
    source: text,
    target: text,
    read_only: boolean,
    consistency: text,
    bind: object({
      propagation: text,
      create_host_path: boolean,
      recursive: oneOf('enabled', 'disabled', 'writable', 'readonly'),
      selinux: oneOf('z', 'Z'),
    }),
    volume: object({ labels: listOrMap, nocopy: boolean, subpath: text }),
    tmpfs: object({ size: { type: ['string', 'integer'], minimum: 0 }, mode: { type: ['string', 'number'] } }),
    image: object({ subpath: text }),
  },
  { or: ['string'], required: ['type'] },
);

const attachment = object(
  {
    aliases: texts,
    interface_name: text,
    ipv4_address: text,
    ipv6_address: text,
    link_local_ips: texts,
    mac_address: text,
    driver_opts: anyKeyTo({ type: ['string', 'number'] }),
    gw_priority: number,
    priority: number,
  },
  { or: ['null'] },
);

// The condition may stand in another file: rules.ts asks for it after the merge.
const dependency = object({
  restart: boolean,
  required: boolean,
  condition: oneOf('service_started', 'service_healthy', 'service_completed_successfully'),
});

const hook = object({
  command,
  user: text,
  privileged: boolean,
  working_dir: text,
  environment: listOrMap,
  image: text,
  per_replica: boolean,
});

const blkioLimit = listOf(object({ path: text, rate: { type: ['string', 'integer'] } }));

const device = object({ source: text, target: text, permissions: text }, { or: ['string'], required: ['source'] });

const envFile: Schema = {
  type: ['string', 'array'],
  items: object({ path: text, format: text, required: boolean }, { or: ['string'], required: ['path'] }),
};

const image: Readonly<Record<string, Schema>> = {
  image: text,
  build,
  annotations: listOrMap,
  attach: boolean,
  command,
  entrypoint: command,
  container_name: { type: 'string', pattern: '^[a-zA-Z0-9][a-zA-Z0-9_.-]+$' },
  hostname: text,
  domainname: text,
  labels: listOrMap,
  label_file: textOrList,
  environment: listOrMap,
  env_file: envFile,
  working_dir: text,
  user: text,
  group_add: listOf({ type: ['string', 'number'] }),
  init: boolean,
  tty: boolean,
  stdin_open: boolean,
  stop_signal: text,
  stop_grace_period: duration,
  restart: text,
  pull_policy: { type: 'string', pattern: '^(always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+)$' },
  pull_refresh_after: text,
  platform: text,
  runtime: text,
  scale: integer,
  profiles: texts,
  extends: object({ service: text, file: text }, { or: ['string'], required: ['service'] }),
  depends_on: { ...namesTo(dependency, '^[a-zA-Z0-9._-]+$', ['array']), items: text },
  links: texts,
  external_links: texts,
  provider: object(
    { type: text, options: anyKeyTo({ type: ['string', 'number', 'boolean', 'array'], items: scalar }) },
    { required: ['type'] },
  ),
  models: { ...namesTo(object({ endpoint_var: text, model_var: text }, { or: ['null'] }), '^[a-zA-Z0-9._-]+$', ['array']), items: text },
  use_api_socket: boolean,
};

const isolation: Readonly<Record<string, Schema>> = {
  cap_add: texts,
  cap_drop: texts,
  privileged: boolean,
  security_opt: texts,
  read_only: boolean,
  userns_mode: text,
  uts: text,
  pid: { type: ['string', 'null'] },
  ipc: text,
  cgroup: oneOf('host', 'private'),
  cgroup_parent: text,
  devices: listOf(device),
  device_cgroup_rules: texts,
  gpus: { type: ['string', 'array'], items: deviceRequest },
  sysctls: listOrMap,
  ulimits,
  shm_size: bytes,
  storage_opt: { type: 'object' },
  isolation: text,
  credential_spec: object({ config: text, file: text, registry: text }),
  cpus: number,
  cpuset: text,
  cpu_shares: number,
  cpu_quota: number,
  cpu_period: number,
  cpu_rt_runtime: { type: ['string', 'number'] },
  cpu_rt_period: { type: ['string', 'number'] },
  cpu_count: integer,
  cpu_percent: number,
  mem_limit: bytes,
  mem_reservation: bytes,
  memswap_limit: bytes,
  mem_swappiness: integer,
  oom_kill_disable: boolean,
  oom_score_adj: { type: ['string', 'integer'], minimum: -1000, maximum: 1000 },
  pids_limit: number,
  blkio_config: object({
    weight: integer,
    weight_device: listOf(object({ path: text, weight: integer })),
    device_read_bps: blkioLimit,
    device_read_iops: blkioLimit,
    device_write_bps: blkioLimit,
    device_write_iops: blkioLimit,
  }),
  logging: object({ driver: text, options: anyKeyTo({ type: ['string', 'number', 'null'] }) }),
};

const connections: Readonly<Record<string, Schema>> = {
  networks: { ...namesTo(attachment, '^[a-zA-Z0-9._-]+$', ['array']), items: text },
  network_mode: text,
  mac_address: text,
  dns: textOrList,
  dns_opt: texts,
  dns_search: textOrList,
  extra_hosts: extraHosts,
  expose: listOf({ type: ['string', 'number'] }),
  ports: listOf(port),
  volumes: listOf(volume),
  tmpfs: textOrList,
  volumes_from: texts,
  configs: listOf(fileReference),
  secrets: listOf(fileReference),
  healthcheck,
  deploy,
  develop,
  post_start: listOf(hook),
  pre_stop: listOf(hook),
  pre_start: listOf(hook),
};

export const service = object({ ...image, ...isolation, ...connections });

export const included: Schema = object({ path: textOrList, project_directory: text, env_file: textOrList }, { or: ['string'] });

export const looseValue = scalarOrNull;
