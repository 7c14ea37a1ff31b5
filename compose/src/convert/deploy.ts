import {
  defaultRestartPolicy,
  defaultUpdateConfig,
  EndpointMode,
  type Resources,
  RestartCondition,
  type RestartPolicy,
  ServiceMode,
  type UpdateConfig,
  UpdateFailureAction,
  UpdateOrder,
} from '@tso/proto';
import { meantHint } from '../diagnostics.ts';
import type { ResourcesModel, RolloutModel, ServiceModel } from '../model.ts';
import type { TreePath } from '../tree.ts';
import { bytesOf, type ConvertInput, msOf, tell } from './context.ts';

const conditions: Readonly<Record<string, RestartCondition>> = {
  none: RestartCondition.RESTART_NONE,
  'on-failure': RestartCondition.RESTART_ON_FAILURE,
  any: RestartCondition.RESTART_ANY,
  always: RestartCondition.RESTART_ANY,
  'unless-stopped': RestartCondition.RESTART_ANY,
};

const fromRestart = (input: ConvertInput, restart: string, name: string): RestartPolicy => {
  if (restart === 'no') return { ...defaultRestartPolicy, condition: RestartCondition.RESTART_NONE };
  if (restart === 'always' || restart === 'unless-stopped') return defaultRestartPolicy;
  const failures = /^on-failure(?::(\d{1,9}))?$/.exec(restart);
  if (failures !== null)
    return { ...defaultRestartPolicy, condition: RestartCondition.RESTART_ON_FAILURE, maxAttempts: Number(failures[1] ?? 0) };
  const hint =
    meantHint(restart, ['no', 'always', 'on-failure', 'unless-stopped']) ?? 'use no, always, on-failure, on-failure:N or unless-stopped';
  tell(input, 'E202', ['services', name, 'restart'], `'${restart}' is not a restart policy`, hint);
  return defaultRestartPolicy;
};

/** Nothing said: always, as Swarm does; but one that others wait for to complete runs once, as it does with docker compose, or it would never be done. */
const unsaid = (input: ConvertInput, name: string): RestartPolicy =>
  input.awaited.has(name) ? { ...defaultRestartPolicy, condition: RestartCondition.RESTART_NONE } : defaultRestartPolicy;

/** deploy.restart_policy, else restart, else what nothing means. */
export const toRestartPolicy = (input: ConvertInput, service: ServiceModel, name: string): RestartPolicy => {
  const policy = service.deploy?.restart_policy;
  if (policy === undefined && service.restart !== undefined) return fromRestart(input, service.restart, name);
  if (policy === undefined) return service.deploy?.mode?.endsWith('-job') === true ? defaultRestartPolicy : unsaid(input, name);
  const condition = conditions[policy.condition ?? 'any'];
  if (condition === undefined) {
    const path = ['services', name, 'deploy', 'restart_policy', 'condition'];
    tell(
      input,
      'E202',
      path,
      `'${policy.condition}' is not a restart condition`,
      meantHint(policy.condition ?? '', Object.keys(conditions)) ?? 'use none, on-failure or any',
    );
  }
  return {
    condition: condition ?? RestartCondition.RESTART_ANY,
    delayMs: msOf(policy.delay, defaultRestartPolicy.delayMs),
    maxAttempts: policy.max_attempts ?? 0,
    windowMs: msOf(policy.window),
  };
};

const failureActions: Readonly<Record<string, UpdateFailureAction>> = {
  pause: UpdateFailureAction.FAILURE_PAUSE,
  continue: UpdateFailureAction.FAILURE_CONTINUE,
  rollback: UpdateFailureAction.FAILURE_ROLLBACK,
};

export const toUpdateConfig = (config: RolloutModel | undefined): UpdateConfig =>
  config === undefined
    ? defaultUpdateConfig
    : {
        parallelism: config.parallelism ?? defaultUpdateConfig.parallelism,
        delayMs: msOf(config.delay),
        order: config.order === 'start-first' ? UpdateOrder.START_FIRST : UpdateOrder.STOP_FIRST,
        monitorMs: msOf(config.monitor, defaultUpdateConfig.monitorMs),
        maxFailureRatio: config.max_failure_ratio ?? 0,
        failureAction: failureActions[config.failure_action ?? 'pause'] ?? UpdateFailureAction.FAILURE_PAUSE,
      };

const nano = (cpus: number): number => Math.round(cpus * 1e9);

interface QuotaModel {
  readonly cpu_quota?: number;
  readonly cpu_period?: number;
}

/** cpu_quota in microseconds of each cpu_period (100 ms unless said), as CPUs. */
const fromQuota = (service: ServiceModel & QuotaModel): number =>
  service.cpu_quota === undefined || service.cpu_quota <= 0 ? 0 : service.cpu_quota / (service.cpu_period || 100_000);

/** Less is a slip of the unit: nothing runs in it, and the manager refuses it too. */
const leastCpus = 0.001;
const leastMemoryBytes = 4 * 1024 * 1024;

const checkCpus = (input: ConvertInput, name: string, below: TreePath, cpus: number): void => {
  if (cpus !== 0 && cpus < leastCpus)
    tell(input, 'E402', ['services', name, ...below], `service ${name} cannot have ${cpus} CPUs`, `write a number from ${leastCpus} on`);
};

const checkMemory = (input: ConvertInput, name: string, below: TreePath, bytes: number): void => {
  if (bytes === 0 || bytes >= leastMemoryBytes) return;
  const message = `service ${name} cannot run in ${bytes} bytes of memory; the least is 4m`;
  tell(input, 'E402', ['services', name, ...below], message, 'write a size with its unit: 64m');
};

const sound = (input: ConvertInput, service: ServiceModel, name: string): void => {
  const { limits, reservations } = service.deploy?.resources ?? {};
  const at = (kind: 'limits' | 'reservations', key: 'cpus' | 'memory'): TreePath => ['deploy', 'resources', kind, key];
  const ofQuota = limits?.cpus === undefined ? ['cpu_quota'] : at('limits', 'cpus');
  checkCpus(input, name, service.cpus === undefined ? ofQuota : ['cpus'], service.cpus ?? limits?.cpus ?? fromQuota(service));
  const limitAt = service.mem_limit === undefined ? at('limits', 'memory') : ['mem_limit'];
  checkMemory(input, name, limitAt, bytesOf(service.mem_limit ?? limits?.memory));
  // What is below nothing is told with all other numbers.
  checkCpus(input, name, at('reservations', 'cpus'), Math.max(0, reservations?.cpus ?? 0));
  const reservedAt = service.mem_reservation === undefined ? at('reservations', 'memory') : ['mem_reservation'];
  checkMemory(input, name, reservedAt, Math.max(0, bytesOf(service.mem_reservation ?? reservations?.memory)));
};

/** Limits: mem_limit, cpus, cpu_quota, pids_limit or deploy.resources.limits. */
export const toLimits = (input: ConvertInput, service: ServiceModel, name: string): Resources => {
  sound(input, service, name);
  const limits: ResourcesModel = service.deploy?.resources?.limits ?? {};
  const pids = service.pids_limit ?? limits.pids ?? 0;
  return {
    nanoCpus: nano(Math.max(0, service.cpus ?? limits.cpus ?? fromQuota(service))),
    memoryBytes: Math.max(0, bytesOf(service.mem_limit ?? limits.memory)),
    pids: Math.max(0, pids),
  };
};

export const toReservations = (service: ServiceModel): Resources => {
  const reserved: ResourcesModel = service.deploy?.resources?.reservations ?? {};
  return { nanoCpus: nano(reserved.cpus ?? 0), memoryBytes: bytesOf(service.mem_reservation ?? reserved.memory), pids: 0 };
};

const modes: Readonly<Record<string, ServiceMode>> = {
  replicated: ServiceMode.REPLICATED,
  global: ServiceMode.GLOBAL,
  'replicated-job': ServiceMode.REPLICATED_JOB,
  'global-job': ServiceMode.GLOBAL_JOB,
};

/** The mode and how many. */
export const toMode = (
  input: ConvertInput,
  service: ServiceModel,
  name: string,
): { readonly mode: ServiceMode; readonly replicas: number } => {
  const said = service.deploy?.mode ?? 'replicated';
  const path = ['services', name, 'deploy', 'mode'];
  const replicas = service.deploy?.replicas ?? service.scale;
  const mode = Object.hasOwn(modes, said) ? modes[said] : undefined;
  if (mode === undefined) {
    const known = Object.keys(modes);
    tell(input, 'E202', path, `'${said}' is not a mode`, meantHint(said, known) ?? `use ${known.join(', ')}`);
  }
  if (mode === ServiceMode.GLOBAL || mode === ServiceMode.GLOBAL_JOB) {
    const message = `service ${name} is ${said}, which runs one task on every node: replicas cannot be said`;
    if (replicas !== undefined) tell(input, 'E303', path, message, 'remove replicas');
    if (service.container_name !== undefined) {
      const both = `service ${name} is ${said}, and container_name is the name of one container`;
      tell(input, 'E303', ['services', name, 'container_name'], both, 'remove container_name');
    }
    return { mode, replicas: 0 };
  }
  // How far a job goes is said by its job part.
  return { mode: mode ?? ServiceMode.REPLICATED, replicas: mode === ServiceMode.REPLICATED_JOB ? 0 : (replicas ?? 1) };
};

export const toEndpointMode = (input: ConvertInput, service: ServiceModel, name: string): EndpointMode => {
  const said = service.deploy?.endpoint_mode ?? 'vip';
  const path = ['services', name, 'deploy', 'endpoint_mode'];
  if (said === 'vip') return EndpointMode.VIP;
  if (said !== 'dnsrr') tell(input, 'E202', path, `'${said}' is not an endpoint mode`, 'use vip or dnsrr');
  else if ((service.ports ?? []).some((port) => port.mode !== 'host' && port.published !== undefined)) {
    tell(
      input,
      'E303',
      path,
      `service ${name}: endpoint_mode dnsrr has no address to publish ingress ports on`,
      'publish them with mode: host, or use vip',
    );
  }
  return EndpointMode.DNSRR;
};
