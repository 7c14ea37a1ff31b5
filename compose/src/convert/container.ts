import { type ContainerSpec, type DnsConfig, emptyContainerSpec, type HealthCheck, isIpAddress, parseIpv4, parseIpv6 } from '@tso/proto';
import type { HealthcheckModel, ServiceModel } from '../model.ts';
import { imageOf, toUlimits } from './builds.ts';
import { bytesOf, type ConvertInput, msOf, tell } from './context.ts';
import { toFileMounts } from './file-mounts.ts';
import { toHooks, toWorkingDir } from './hooks.ts';
import { toKernel } from './kernel.ts';
import { toDevices, toMounts } from './mounts.ts';
import { toNamespaces } from './namespaces.ts';
import type { NetworkMode } from './network-mode.ts';
import { toPull } from './pull.ts';
import { toSecurity } from './security.ts';
import { checkTemplates, hasTemplate } from './templates.ts';

const toHealthCheck = (health: HealthcheckModel | undefined): HealthCheck | undefined => {
  if (health === undefined) return undefined;
  const times = {
    intervalMs: msOf(health.interval),
    timeoutMs: msOf(health.timeout),
    retries: health.retries ?? 0,
    startPeriodMs: msOf(health.start_period),
    startIntervalMs: msOf(health.start_interval),
  };
  return { test: health.disable === true ? ['NONE'] : (health.test ?? []), ...times };
};

/** The loopback, or no host (`0.0.0.0`, `::`), which means the same, however it is written. */
const isLoopback = (server: string): boolean => {
  const six = parseIpv6(server);
  const four = six !== undefined && six >> 32n === 0xffffn ? Number(six & 0xffff_ffffn) : parseIpv4(server);
  return four === undefined ? six === 0n || six === 1n : [0, 127].includes(Math.floor(four / 2 ** 24));
};

const toDns = (input: ConvertInput, service: ServiceModel, name: string, { mode }: NetworkMode): DnsConfig | undefined => {
  const named = service.dns ?? [];
  for (const [index, server] of named.entries()) {
    const path = ['services', name, 'dns', index];
    if (!isIpAddress(server)) tell(input, 'E202', path, `'${server}' is not the address of a DNS server`, 'write its IP address');
    else if (mode === '' && isLoopback(server)) {
      const rest = named.every(isLoopback) ? ': only names of services are answered' : '';
      const hint = 'name a server that the hosts of the cluster reach; without dns those of the host are asked, on its loopback too';
      tell(input, 'W401', path, `${server} under dns means the task itself, and is not asked${rest}`, hint);
    }
  }
  const dns = { servers: named, search: service.dns_search ?? [], options: service.dns_opt ?? [] };
  return dns.servers.length + dns.search.length + dns.options.length === 0 ? undefined : dns;
};

/** `name=address`; `host-gateway` is the host as the task reaches it. */
const toExtraHosts = (input: ConvertInput, service: ServiceModel, name: string): readonly string[] => {
  for (const [index, host] of (service.extra_hosts ?? []).entries()) {
    const address = host.slice(host.indexOf('=') + 1);
    if (address === 'host-gateway' || isIpAddress(address)) continue;
    tell(
      input,
      'E202',
      ['services', name, 'extra_hosts', index],
      `'${address}' is not an IP address`,
      'write name=10.0.0.7, or name=host-gateway',
    );
  }
  return service.extra_hosts ?? [];
};

const toEnv = (input: ConvertInput, service: ServiceModel, name: string): readonly string[] =>
  Object.entries(service.environment ?? {}).map(([key, value]) => {
    if (value !== null) checkTemplates(input, value, ['services', name, 'environment', key]);
    return value === null ? key : `${key}=${value}`;
  });

const toHostname = (input: ConvertInput, service: ServiceModel, name: string): string => {
  const hostname = service.hostname ?? '';
  const path = ['services', name, 'hostname'];
  if (/\{\{[^}]*(\{|$)/.test(hostname))
    tell(input, 'E202', path, `the template in the hostname ${hostname.slice(0, 100)} has no end`, 'close it with }}');
  else if (hostname.includes('{{') && !hasTemplate(hostname))
    tell(input, 'E202', path, `the hostname ${hostname} takes in nothing of a task`, 'write one like {{.Service.Name}}-{{.Task.Slot}}');
  checkTemplates(input, hostname, path);
  return hostname;
};

const unsetNull = (words: readonly string[] | null | undefined): { readonly values: readonly string[] } | undefined =>
  words === null || words === undefined ? undefined : { values: words };

/** What a container of the service is made from. */
export const toContainer = (input: ConvertInput, service: ServiceModel, name: string, networkMode: NetworkMode): ContainerSpec => {
  const entrypoint = unsetNull(service.entrypoint);
  const command = unsetNull(service.command);
  const dns = toDns(input, service, name, networkMode);
  const healthCheck = toHealthCheck(service.healthcheck);
  const mounts = toMounts(input, name);
  return {
    ...emptyContainerSpec,
    image: imageOf(input, service, name),
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(command === undefined ? {} : { command }),
    env: toEnv(input, service, name),
    workingDir: toWorkingDir(input, service.working_dir, ['services', name]),
    user: service.user ?? '',
    groupAdd: service.group_add ?? [],
    hostname: toHostname(input, service, name),
    domainname: service.domainname ?? '',
    labels: service.labels ?? {},
    stopSignal: service.stop_signal ?? '',
    stopGracePeriodMs: msOf(service.stop_grace_period),
    tty: service.tty === true,
    openStdin: service.stdin_open === true,
    readOnly: service.read_only === true,
    ...(service.init === undefined ? {} : { init: service.init }),
    privileged: service.privileged === true,
    capAdd: service.cap_add ?? [],
    capDrop: service.cap_drop ?? [],
    ...toSecurity(input, service, name),
    sysctls: service.sysctls ?? {},
    ulimits: toUlimits(service.ulimits),
    shmSizeBytes: bytesOf(service.shm_size),
    mounts,
    files: toFileMounts(input, service, name, new Set(mounts.map(({ target }) => target))),
    devices: toDevices(input, service, name),
    extraHosts: toExtraHosts(input, service, name),
    ...(dns === undefined ? {} : { dns }),
    ...toNamespaces(input, service, name),
    oomScoreAdj: service.oom_score_adj ?? 0,
    ...(healthCheck === undefined ? {} : { healthCheck }),
    ...toPull(input, service, name),
    ...toKernel(input, service, name),
    annotations: service.annotations ?? {},
    preStart: toHooks(input, service, name, 'pre_start'),
    postStart: toHooks(input, service, name, 'post_start'),
    preStop: toHooks(input, service, name, 'pre_stop'),
    platform: service.platform ?? '',
    memorySwapBytes: bytesOf(service.memswap_limit),
    cpusetCpus: service.cpuset ?? '',
    cpuShares: service.cpu_shares ?? 0,
    containerName: service.container_name ?? '',
  };
};
