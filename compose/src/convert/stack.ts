import {
  type DependsOn,
  emptyServiceSpec,
  emptyTaskSpec,
  type FileContent,
  type NetworkSpec,
  type ServiceSpec,
  type StackSpec,
} from '@tso/proto';
import type { ServiceModel } from '../model.ts';
import { parseBytes } from '../units.ts';
import { checkAddresses, toAttachments } from './attachments.ts';
import { toAutoscale } from './autoscale.ts';
import { type ImageBuild, toBuilds } from './builds.ts';
import { toContainer } from './container.ts';
import { type ConvertInput, type ProjectInput, tell, withOthers } from './context.ts';
import { toEndpointMode, toLimits, toMode, toReservations, toRestartPolicy, toUpdateConfig } from './deploy.ts';
import { toStackFiles } from './file-mounts.ts';
import { toGenericResources } from './generic-resources.ts';
import { checkImageNames } from './image-names.ts';
import { isJob, jobRestart, toJob } from './jobs.ts';
import { toLinks } from './links.ts';
import { checkLinuxWords } from './linux-words.ts';
import { ownersByContainer } from './namespaces.ts';
import { toNetworkMode } from './network-mode.ts';
import { toBridge, toNetworks } from './networks.ts';
import { checkNumbers } from './numbers.ts';
import { toPlacement, toPriority } from './placement.ts';
import { checkPublished, toExposed, toPorts } from './ports.ts';
import { toRolloutExtensions } from './rollout-extensions.ts';
import { scheduledRestart, toSchedule } from './schedule.ts';
import { toAffinity, toDrainMs, toRebalance } from './service-extensions.ts';
import { toVolume } from './volumes.ts';

interface Logging {
  readonly logMaxSizeBytes: number;
  readonly logMaxFiles: number;
}

const toLogging = (input: ConvertInput, service: ServiceModel, name: string): Logging => {
  const path = ['services', name, 'logging'];
  const driver = service.logging?.driver ?? 'local';
  let logging: Logging = { logMaxSizeBytes: 0, logMaxFiles: 0 };
  if (driver !== 'json-file' && driver !== 'local') {
    tell(
      input,
      'W401',
      [...path, 'driver'],
      `logs of service ${name} stay with tso; the logging driver ${driver} is not there`,
      'read them with tso logs',
    );
    return logging;
  }
  for (const [key, value] of Object.entries(service.logging?.options ?? {})) {
    const at = [...path, 'options', key];
    const text = value ?? '';
    const bytes = key === 'max-size' ? parseBytes(text) : undefined;
    if (bytes !== undefined && bytes > 0) logging = { ...logging, logMaxSizeBytes: bytes };
    else if (key === 'max-size' && text === '-1')
      tell(input, 'W401', at, 'logs without a limit are not kept; the default of 10m applies', 'write a size: 100m');
    else if (key === 'max-file' && /^[1-9]\d{0,5}$/.test(text)) logging = { ...logging, logMaxFiles: Number(text) };
    else if (key === 'max-size' || key === 'max-file')
      tell(input, 'E202', at, `'${text}' is not a value for ${key}`, 'write max-size: 10m, max-file: "3"');
    else tell(input, 'W400', at, `the logging option ${key} has no effect`, 'remove it');
  }
  return logging;
};

const toDependencies = (input: ConvertInput, service: ServiceModel): readonly DependsOn[] => {
  // One that takes no part now, and need not: that it must has been checked with all other references.
  const present = Object.entries(service.depends_on ?? {}).filter(([other]) => input.model.services[other] !== undefined);
  const said = present.map(([other, dependency]) => ({
    service: other,
    condition: dependency.condition,
    required: dependency.required !== false,
    restart: dependency.restart === true,
  }));
  // `container:NAME` waits for that one too; of `service:NAME` the model says so already.
  const others = ownersByContainer(input, service).filter((owner) => !said.some((one) => one.service === owner));
  return [...said, ...others.map((owner) => ({ service: owner, condition: 'service_started', required: true, restart: true }))];
};

const toService = (input: ConvertInput, service: ServiceModel, name: string): ServiceSpec => {
  checkNumbers(input, service, name);
  checkLinuxWords(input, service, name);
  checkImageNames(input, service, name);
  const networkMode = toNetworkMode(input, service, name);
  const scale = toMode(input, service, name);
  const endpointMode = toEndpointMode(input, service, name);
  const job = toJob(input, service, name, scale.mode);
  const schedule = toSchedule(input, service, name, scale.mode);
  const limits = toLimits(input, service, name);
  const reservations = toReservations(service);
  const autoscale = toAutoscale(input, service, name, { mode: scale.mode, limits, reservations });
  const restart = scheduledRestart(service, schedule, toRestartPolicy(input, service, name));
  const drainMs = toDrainMs(input, service, name);
  return {
    ...emptyServiceSpec,
    name,
    labels: service.deploy?.labels ?? {},
    task: {
      ...emptyTaskSpec,
      container: toContainer(input, service, name, networkMode),
      limits,
      reservations,
      generic: toGenericResources(input, service, name),
      restart: isJob(scale.mode) ? jobRestart(input, service, name, restart) : restart,
      placement: toPlacement(input, service, name),
      networks: toAttachments(input, service, name, networkMode),
      networkMode: networkMode.mode,
      links: toLinks(input, service, name),
      ...toLogging(input, service, name),
    },
    ...scale,
    priority: toPriority(input, service, name),
    rebalance: toRebalance(input, service, name, scale.mode),
    update: {
      ...toUpdateConfig(service.deploy?.update_config),
      ...toRolloutExtensions(input, service.deploy?.update_config, ['services', name, 'deploy', 'update_config']),
    },
    rollback: {
      ...toUpdateConfig(service.deploy?.rollback_config),
      ...toRolloutExtensions(input, service.deploy?.rollback_config, ['services', name, 'deploy', 'rollback_config']),
    },
    ports: toPorts(input, service, name),
    expose: toExposed(input, service, name),
    endpointMode,
    affinity: toAffinity(input, service, name, endpointMode),
    ...(drainMs === undefined ? {} : { drainMs }),
    dependsOn: toDependencies(input, service),
    ...(job === undefined ? {} : { job }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(autoscale === undefined ? {} : { autoscale }),
  };
};

const byName = <T extends { readonly name: string }>(items: readonly T[]): readonly T[] =>
  items.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));

/** Two keys may name the same cluster object; it is one. */
const once = <T extends { readonly name: string }>(items: readonly T[]): readonly T[] => [
  ...new Map(items.map((item) => [item.name, item])).values(),
];

/** Networks that services are on without the file declaring them: the default one, and the bridge of `network_mode: bridge`. */
const impliedNetworks = (
  input: ConvertInput,
  services: readonly ServiceSpec[],
  declared: readonly NetworkSpec[],
): readonly NetworkSpec[] => {
  const implied = [toBridge(input), ...toNetworks(input, {}, 'default')];
  const joined = new Set(services.flatMap((service) => service.task.networks.map(({ network }) => network)));
  return implied.filter(({ name }) => joined.has(name) && !declared.some((network) => network.name === name));
};

/** A name that is there and empty, which most often is that of a variable without a value. */
const checkNames = (input: ConvertInput): void => {
  for (const kind of ['networks', 'volumes', 'secrets', 'configs'] as const) {
    for (const [key, { name }] of Object.entries(input.model[kind] ?? {}))
      if (name === '') tell(input, 'E202', [kind, key, 'name'], `the name of ${kind}.${key} is empty`, 'write a name, or remove the key');
  }
};

/** What a project comes to. */
export interface Converted {
  readonly spec: StackSpec;
  /** What its secrets and configs hold. Never to be shown. */
  readonly contents: readonly FileContent[];
  readonly builds: readonly ImageBuild[];
}

/** The model as the cluster's wish; what cannot be fulfilled goes to the report (E101, E121, E20x, E30x, E400 to E402, W120, W400, W401). */
export const toStack = (project: ProjectInput): Converted => {
  const input = withOthers(project);
  const { model } = input;
  checkNames(input);
  checkPublished(input);
  checkAddresses(input);
  const services = Object.entries(model.services).map(([name, service]) => toService(input, service, name));
  const networks = Object.entries(model.networks ?? {}).flatMap(([key, network]) => toNetworks(input, network, key));
  const implied = impliedNetworks(input, services, networks);
  const volumes = Object.entries(model.volumes ?? {}).map(([key, volume]) => toVolume(input, volume, key));
  const files = toStackFiles(input);
  return {
    spec: {
      name: model.name,
      services: byName(services),
      networks: byName(once([...networks, ...implied])),
      volumes: byName(once(volumes)),
      files: files.specs,
    },
    contents: files.contents,
    builds: toBuilds(input),
  };
};
