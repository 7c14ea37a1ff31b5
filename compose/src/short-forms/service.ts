import {
  type Entry,
  isMap,
  isNull,
  list,
  mapOf,
  mapValues,
  pathText,
  record,
  scalar,
  scalarText,
  type TreeNode,
  type TreePath,
  toExactPlain,
  withEntry,
} from '../tree.ts';
import { type Context, type Rewrite, refuse } from './context.ts';
import { toPorts } from './ports.ts';
import {
  toBoolean,
  toBytes,
  toCommand,
  toDuration,
  toEnvironment,
  toExtraHosts,
  toInteger,
  toKeyed,
  toLabels,
  toNames,
  toNumber,
  toText,
  toTextList,
} from './values.ts';
import { toMode, toVolumes } from './volumes.ts';

type Table = Readonly<Record<string, Rewrite>>;

/** Rewrites a value unless it is to be removed, and keeps its mark. */
const rewritten = (rewrite: Rewrite | undefined, node: TreeNode, path: TreePath, context: Context): TreeNode => {
  if (rewrite === undefined || node.tag === 'reset') return node;
  const done = rewrite(node, path, context);
  return node.tag === undefined || done.tag !== undefined ? done : { ...done, tag: node.tag };
};

/** A mapping with the named keys rewritten. */
export const keys =
  (table: Table): Rewrite =>
  (node, path, context) =>
    node.kind === 'map'
      ? mapValues(node, (value, key) => rewritten(Object.hasOwn(table, key) ? table[key] : undefined, value, [...path, key], context))
      : node;

/** A list with each item rewritten. */
export const each =
  (rewrite: Rewrite): Rewrite =>
  (node, path, context) =>
    node.kind === 'list' ? { ...node, items: node.items.map((item, index) => rewritten(rewrite, item, [...path, index], context)) } : node;

/** A mapping with each value rewritten. */
export const values =
  (rewrite: Rewrite): Rewrite =>
  (node, path, context) =>
    node.kind === 'map' ? mapValues(node, (value, key) => rewritten(rewrite, value, [...path, key], context)) : node;

const chain =
  (...rewrites: readonly Rewrite[]): Rewrite =>
  (node, path, context) =>
    rewrites.reduce((done, rewrite) => rewrite(done, path, context), node);

const retag = (node: TreeNode, from: TreeNode): TreeNode => (from.tag === undefined ? node : { ...node, tag: from.tag });

const dependsOn: Rewrite = (node, path, context) => {
  if (node.kind === 'list') {
    const entries = new Map<string, Entry>();
    for (const item of node.items) {
      if (item.kind === 'scalar')
        entries.set(scalarText(item), { key: item.at, value: record({ condition: 'service_started', required: true }, item.at) });
    }
    return retag(mapOf(entries, node.at), node);
  }
  return values((value, at) => {
    const typed = keys({ required: toBoolean, restart: toBoolean })(value, at, context);
    return isMap(typed) && !typed.entries.has('required') ? withEntry(typed, 'required', scalar(true, typed.at)) : typed;
  })(node, path, context);
};

const envFile: Rewrite = (node, path, context) => {
  const items = node.kind === 'list' ? node.items : [node];
  const long = items.map((item, index) => {
    if (item.kind === 'scalar') return record({ path: scalar(item.value, item.at), required: true }, item.at);
    const typed = keys({ required: toBoolean })(item, [...path, index], context);
    return isMap(typed) && !typed.entries.has('required') ? withEntry(typed, 'required', scalar(true, typed.at)) : typed;
  });
  return retag(list(long, node.at), node);
};

const ulimit: Rewrite = (node, path, context) =>
  node.kind === 'map' ? keys({ soft: toInteger, hard: toInteger })(node, path, context) : toInteger(node, path, context);

const fileReference: Rewrite = (node, path, context) =>
  keys({ mode: toMode, uid: toText, gid: toText })(toKeyed('source')(node, path, context), path, context);

const device: Rewrite = (node, path, context) => {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return node;
  const parts = node.value.split(':');
  const [source = '', target, permissions] = parts;
  // vendor.com/class=name: a device of the Container Device Interface, no host path.
  if (!source.startsWith('/') && source.includes('=')) return record({ source, target: source, permissions: 'rwm' }, node.at);
  if (parts.length > 3 || parts.some((part) => part === '')) {
    return refuse(
      node,
      path,
      context,
      `${pathText(path)}: confusing device mapping '${node.value}'`,
      'write HOST:CONTAINER or HOST:CONTAINER:rwm',
    );
  }
  const onlyMode = permissions === undefined && target !== undefined && /^[rwm]{1,3}$/.test(target);
  return record(
    { source, target: onlyMode ? source : (target ?? source), permissions: onlyMode ? target : (permissions ?? 'rwm') },
    node.at,
  );
};

const healthTest: Rewrite = (node) =>
  node.kind === 'scalar' && typeof node.value === 'string' ? retag(list([scalar('CMD-SHELL', node.at), node], node.at), node) : node;

const deviceCount: Rewrite = (node, path, context) => {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return toNumber(node, path, context);
  if (node.value === 'all') return { ...node, value: -1 };
  if (!/^-?\d+$/.test(node.value)) {
    return refuse(node, path, context, `${pathText(path)}: invalid value '${node.value}', the only value allowed is 'all' or a number`);
  }
  return { ...node, value: Number(node.value) };
};
const countOrAll: Rewrite = (node) =>
  isMap(node) && !node.entries.has('count') && !node.entries.has('device_ids') ? withEntry(node, 'count', scalar(-1, node.at)) : node;
const deviceRequests = each(chain(keys({ count: deviceCount, options: toLabels }), countOrAll));
const gpus: Rewrite = (node, path, context) =>
  node.kind === 'scalar' ? list([record({ count: -1 }, node.at)], node.at) : deviceRequests(node, path, context);

const rollout = keys({ parallelism: toInteger, delay: toDuration, monitor: toDuration, max_failure_ratio: toNumber });

const deploy = keys({
  replicas: toInteger,
  labels: toLabels,
  update_config: rollout,
  rollback_config: rollout,
  resources: keys({
    limits: keys({ cpus: toNumber, memory: toBytes, pids: toInteger }),
    reservations: keys({ cpus: toNumber, memory: toBytes, devices: deviceRequests }),
  }),
  restart_policy: keys({ delay: toDuration, max_attempts: toInteger, window: toDuration }),
  placement: keys({ max_replicas_per_node: toInteger }),
});

/** `ssh` as a list of `default` or `id=path`. */
const buildSsh: Rewrite = (node) =>
  isMap(node)
    ? list(
        [...node.entries].map(([key, entry]) =>
          scalar(isNull(entry.value) ? key : `${key}=${String(toExactPlain(entry.value))}`, entry.key),
        ),
        node.at,
      )
    : node;

const build = chain(
  toKeyed('context'),
  keys({
    args: toEnvironment,
    labels: toLabels,
    ssh: buildSsh,
    no_cache: toBoolean,
    no_cache_filter: toTextList,
    additional_contexts: toLabels,
    pull: toBoolean,
    privileged: toBoolean,
    shm_size: toBytes,
    extra_hosts: toExtraHosts,
    secrets: each(fileReference),
    ulimits: values(ulimit),
    provenance: toText,
    sbom: toText,
  }),
);

const hook = keys({ command: toCommand, privileged: toBoolean, environment: toEnvironment, per_replica: toBoolean });

const watch = keys({
  initial_sync: toBoolean,
  ignore: toTextList,
  include: toTextList,
  exec: keys({ command: toCommand, privileged: toBoolean, environment: toEnvironment }),
});

const networks = chain(toNames, values(keys({ gw_priority: toNumber, priority: toNumber, driver_opts: values(toText) })));

/** `provider.options`: every value as a list of texts. */
const providerOptions = values(toTextList);

const blkioLimits = each(keys({ rate: toBytes }));

export const serviceForms: Table = {
  annotations: toLabels,
  attach: toBoolean,
  blkio_config: keys({
    weight: toInteger,
    weight_device: each(keys({ weight: toInteger })),
    device_read_bps: blkioLimits,
    device_read_iops: blkioLimits,
    device_write_bps: blkioLimits,
    device_write_iops: blkioLimits,
  }),
  build,
  command: toCommand,
  configs: each(fileReference),
  cpu_count: toInteger,
  cpu_percent: toNumber,
  cpu_period: toNumber,
  cpu_quota: toNumber,
  cpu_shares: toNumber,
  cpus: toNumber,
  depends_on: dependsOn,
  deploy,
  develop: keys({ watch: each(watch) }),
  devices: each(device),
  dns: toTextList,
  dns_search: toTextList,
  entrypoint: toCommand,
  env_file: envFile,
  environment: toEnvironment,
  expose: toTextList,
  extends: toKeyed('service'),
  extra_hosts: toExtraHosts,
  gpus,
  group_add: toTextList,
  healthcheck: keys({
    test: healthTest,
    disable: toBoolean,
    interval: toDuration,
    timeout: toDuration,
    retries: toInteger,
    start_period: toDuration,
    start_interval: toDuration,
  }),
  init: toBoolean,
  label_file: toTextList,
  labels: toLabels,
  logging: keys({ options: values(toText) }),
  mem_limit: toBytes,
  mem_reservation: toBytes,
  mem_swappiness: toInteger,
  memswap_limit: toBytes,
  models: toNames,
  networks,
  oom_kill_disable: toBoolean,
  oom_score_adj: toInteger,
  pids_limit: toInteger,
  ports: toPorts,
  post_start: each(hook),
  pre_start: each(hook),
  pre_stop: each(hook),
  privileged: toBoolean,
  provider: keys({ options: providerOptions }),
  read_only: toBoolean,
  scale: toInteger,
  secrets: each(fileReference),
  shm_size: toBytes,
  stdin_open: toBoolean,
  stop_grace_period: toDuration,
  storage_opt: values(toText),
  sysctls: toLabels,
  tmpfs: toTextList,
  tty: toBoolean,
  ulimits: values(ulimit),
  use_api_socket: toBoolean,
  volumes: toVolumes,
};
