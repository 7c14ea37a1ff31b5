import type { Report } from './diagnostics.ts';
import type { ComposeModel } from './model.ts';
import { type Json, pathText, placeOf, type TreeNode, type TreePath } from './tree.ts';

/**
 * What becomes of every attribute of the specification here. An attribute acts, is refused by name (E400) or gives a warning (W400);
 * one that is not listed is refused, so that none can be dropped in silence. Values that are refused one by one are in `convert/`.
 */

/** `acts`; or refused, or without effect, with the reason and what to do instead. */
export type Support = 'acts' | { readonly error: string } | { readonly warning: string };

const error = (hint: string): Support => ({ error: hint });
const warning = (hint: string): Support => ({ warning: hint });

const acting = [
  'image build command entrypoint environment env_file labels label_file working_dir user group_add hostname domainname container_name',
  'init tty stdin_open stop_signal stop_grace_period restart pull_policy platform scale profiles extends depends_on links expose external_links',
  'cap_add cap_drop privileged security_opt read_only userns_mode uts pid ipc cgroup devices sysctls ulimits shm_size',
  'cpus cpuset cpu_shares cpu_quota cpu_period mem_limit mem_reservation memswap_limit oom_score_adj pids_limit logging',
  'networks network_mode mac_address dns dns_opt dns_search extra_hosts ports volumes tmpfs healthcheck deploy',
]
  .join(' ')
  .split(' ');

export const serviceSupport: Readonly<Record<string, Support>> = {
  ...Object.fromEntries(acting.map((key) => [key, 'acts' as const])),
  annotations: warning('they are not handed to the runtime'),
  attach: warning('follow logs with tso logs'),
  blkio_config: error('remove it'),
  cgroup_parent: error('the parent is set for the whole daemon: tso daemon --cgroup-parent'),
  configs: error('bind-mount the file instead: volumes: ["./file:/path:ro"]'),
  cpu_count: warning('it applies to Windows only; use cpus'),
  cpu_percent: warning('it applies to Windows only; use cpus'),
  cpu_rt_period: error('use cpus or cpu_shares'),
  cpu_rt_runtime: error('use cpus or cpu_shares'),
  credential_spec: error('it applies to Windows only'),
  develop: warning('tso does not watch sources'),
  device_cgroup_rules: error('list the devices under devices:'),
  gpus: error('list the device files under devices:'),
  isolation: warning('it applies to Windows only'),
  mem_swappiness: warning('it has no counterpart on cgroup v2; use memswap_limit'),
  models: error('run the model as a service and pass its URL in environment'),
  oom_kill_disable: error('use oom_score_adj'),
  post_start: error('run the command from the entrypoint'),
  pre_start: error('run the command from the entrypoint'),
  pre_stop: error('handle stop_signal in the program'),
  provider: error('run what it provides as a service'),
  pull_refresh_after: warning('use pull_policy'),
  runtime: error('the runtime is set for the whole daemon: tso daemon --runtime'),
  secrets: error('bind-mount the file instead: volumes: ["./file:/run/secrets/NAME:ro"]'),
  storage_opt: error('remove it'),
  use_api_socket: error('mount the socket as a volume if the container must have it'),
  volumes_from: error('name the volumes of that service under volumes:'),
};

const support = (...words: readonly string[]): Record<string, Support> => Object.fromEntries(words.map((word) => [word, 'acts' as const]));

const deploySupport: Readonly<Record<string, Support>> = support(
  ...['mode', 'endpoint_mode', 'replicas', 'labels', 'update_config', 'rollback_config', 'resources', 'restart_policy', 'placement'],
);
const limitsSupport = support('cpus', 'memory', 'pids');
const reservationsSupport: Readonly<Record<string, Support>> = {
  ...support('cpus', 'memory'),
  devices: error('list the device files under devices:'),
  generic_resources: error('use placement constraints on node labels'),
};
const attachmentSupport: Readonly<Record<string, Support>> = {
  ...support('aliases', 'ipv4_address', 'ipv6_address', 'mac_address', 'priority', 'gw_priority'),
  driver_opts: warning('remove it'),
  interface_name: warning('interfaces are called eth0, eth1 and so on, by priority'),
  link_local_ips: warning('ask for an address of the subnet: ipv4_address'),
};
const mountSupport: Readonly<Record<string, Support>> = {
  ...support('type', 'source', 'target', 'read_only', 'bind', 'volume', 'tmpfs', 'image'),
  consistency: warning('it has no effect on Linux'),
};
const bindSupport: Readonly<Record<string, Support>> = {
  ...support('propagation', 'create_host_path', 'recursive'),
  selinux: warning('files are not relabelled; label them on the host if SELinux is on'),
};
const volumeOptionSupport: Readonly<Record<string, Support>> = {
  ...support('nocopy', 'subpath'),
  labels: warning('label the volume at the top of the file'),
};
const networkSupport: Readonly<Record<string, Support>> = {
  ...support('name', 'driver', 'external', 'internal', 'attachable', 'labels', 'ipam', 'driver_opts', 'enable_ipv4', 'enable_ipv6'),
};
const ipamSupport: Readonly<Record<string, Support>> = { ...support('driver', 'config'), options: warning('remove it') };
const ipamConfigSupport: Readonly<Record<string, Support>> = {
  ...support('subnet', 'gateway', 'ip_range', 'aux_addresses'),
};
const volumeSupport: Readonly<Record<string, Support>> = {
  ...support('name', 'driver', 'external', 'labels'),
  driver_opts: error('mount it on the host and use a bind mount'),
};

// A value that asks for nothing; `attach` is the one key whose false asks for something.
const empty = (value: Json): boolean =>
  value === null || value === false || value === '' || (typeof value === 'object' && Object.keys(value as object).length === 0);

const checker = (tree: TreeNode, report: Report) => {
  const tell = (kind: Support, path: TreePath): void => {
    if (kind === 'acts') return;
    const place = placeOf(tree, path);
    const last = String(path.findLast((step) => typeof step === 'string'));
    const plural = last.endsWith('s') && !last.endsWith('ss') ? 'are' : 'is';
    if ('error' in kind)
      report.at('E400', place, 'key', path, `${last} ${plural} not supported yet (${pathText(path)})`, { hint: kind.error });
    else
      report.at('W400', place, 'key', path, `${last} ${plural === 'are' ? 'have' : 'has'} no effect (${pathText(path)})`, {
        hint: kind.warning,
      });
  };
  return (value: Json | undefined, table: Readonly<Record<string, Support>>, path: TreePath): void => {
    if (value === undefined || value === null || typeof value !== 'object' || Array.isArray(value)) return;
    for (const [key, item] of Object.entries(value)) {
      if (key.startsWith('x-') || (key === 'attach' ? item !== false : empty(item))) continue;
      tell(Object.hasOwn(table, key) ? (table[key] ?? 'acts') : error('remove it'), [...path, key]);
    }
  };
};

const at = (value: Json | undefined, ...keys: readonly (string | number)[]): Json | undefined => {
  let node = value;
  for (const key of keys) {
    if (node === undefined || node === null || typeof node !== 'object') return undefined;
    node = Array.isArray(node) ? node[Number(key)] : (node as Record<string, Json>)[key];
  }
  return node;
};

const entriesOf = (value: Json | undefined): readonly (readonly [string | number, Json])[] =>
  value === undefined || value === null || typeof value !== 'object'
    ? []
    : Array.isArray(value)
      ? [...value.entries()]
      : Object.entries(value);

/** Every attribute of the model that does not act, to the report: E400 or W400. */
export const checkSupport = (model: ComposeModel, tree: TreeNode, report: Report): void => {
  const check = checker(tree, report);
  const plain = model as unknown as Json;
  const nested = (
    value: Json | undefined,
    path: TreePath,
    tables: readonly (readonly [readonly string[], Readonly<Record<string, Support>>])[],
  ): void => {
    for (const [keys, table] of tables) check(at(value, ...keys), table, [...path, ...keys]);
  };
  for (const [name, service] of entriesOf(at(plain, 'services'))) {
    const path = ['services', name];
    check(service, serviceSupport, path);
    nested(service, path, [
      [['deploy'], deploySupport],
      [['deploy', 'resources', 'limits'], limitsSupport],
      [['deploy', 'resources', 'reservations'], reservationsSupport],
    ]);
    for (const [key, attachment] of entriesOf(at(service, 'networks'))) check(attachment, attachmentSupport, [...path, 'networks', key]);
    for (const [index, mount] of entriesOf(at(service, 'volumes'))) {
      const here = [...path, 'volumes', index];
      check(mount, mountSupport, here);
      nested(mount, here, [
        [['bind'], bindSupport],
        [['volume'], volumeOptionSupport],
      ]);
    }
  }
  for (const [name, network] of entriesOf(at(plain, 'networks'))) {
    const path = ['networks', name];
    check(network, networkSupport, path);
    nested(network, path, [[['ipam'], ipamSupport]]);
    for (const [index, config] of entriesOf(at(network, 'ipam', 'config')))
      check(config, ipamConfigSupport, [...path, 'ipam', 'config', index]);
  }
  for (const [name, volume] of entriesOf(at(plain, 'volumes'))) check(volume, volumeSupport, ['volumes', name]);
};
