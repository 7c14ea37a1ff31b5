import { emptyServiceSpec, emptyTaskSpec, type ServiceSpec, type StackSpec, type VolumeSpec } from '@tso/proto';
import type { ServiceModel, VolumeModel } from '../model.ts';
import { parseBytes } from '../units.ts';
import { toContainer } from './container.ts';
import { type ConvertInput, tell } from './context.ts';
import { toEndpointMode, toLimits, toMode, toPlacement, toRebalance, toReservations, toRestartPolicy, toUpdateConfig } from './deploy.ts';
import { checkConnections, toAttachments, toNetwork, toNetworkMode, toPorts } from './networks.ts';

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

const toService = (input: ConvertInput, service: ServiceModel, name: string): ServiceSpec => {
  const networkMode = toNetworkMode(input, service, name);
  const scale = toMode(input, service, name);
  return {
    ...emptyServiceSpec,
    name,
    labels: service.deploy?.labels ?? {},
    task: {
      ...emptyTaskSpec,
      container: toContainer(input, service, name),
      limits: toLimits(input, service, name),
      reservations: toReservations(service),
      restart: toRestartPolicy(input, service, name),
      placement: toPlacement(service),
      networks: toAttachments(input, service, name, networkMode),
      networkMode,
      ...toLogging(input, service, name),
    },
    ...scale,
    rebalance: toRebalance(input, service, name, scale.mode),
    update: toUpdateConfig(service.deploy?.update_config),
    rollback: toUpdateConfig(service.deploy?.rollback_config),
    ports: toPorts(input, service, name),
    endpointMode: toEndpointMode(input, service, name),
    dependsOn: Object.entries(service.depends_on ?? {}).map(([other, dependency]) => ({
      service: other,
      condition: dependency.condition,
      required: dependency.required !== false,
      restart: dependency.restart === true,
    })),
  };
};

const toVolume = (input: ConvertInput, volume: VolumeModel, key: string): VolumeSpec => {
  const driver = volume.driver ?? 'local';
  if (!['local', '', 'default'].includes(driver))
    tell(input, 'E401', ['volumes', key, 'driver'], `the volume driver ${driver} is not supported yet`, 'remove driver');
  return {
    name: volume.name ?? `${input.model.name}_${key}`,
    driver: 'local',
    external: volume.external === true,
    labels: volume.labels ?? {},
    driverOpts: volume.driver_opts ?? {},
  };
};

const byName = <T extends { readonly name: string }>(items: readonly T[]): readonly T[] =>
  items.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));

/** Two keys may name the same cluster object; it is one. */
const once = <T extends { readonly name: string }>(items: readonly T[]): readonly T[] => [
  ...new Map(items.map((item) => [item.name, item])).values(),
];

const needsDefault = (input: ConvertInput, services: readonly ServiceSpec[]): boolean =>
  input.model.networks?.['default'] === undefined &&
  services.some((service) => service.task.networks.some((attachment) => attachment.network === `${input.model.name}_default`));

/** The model as the cluster's wish; what cannot be fulfilled goes to the report (E202, E30x, E400 to E402, W400, W401). */
export const toStackSpec = (input: ConvertInput): StackSpec => {
  const { model } = input;
  checkConnections(input);
  const services = Object.entries(model.services).map(([name, service]) => toService(input, service, name));
  const networks = Object.entries(model.networks ?? {}).map(([key, network]) => toNetwork(input, network, key));
  const implied = needsDefault(input, services) ? [toNetwork(input, {}, 'default')] : [];
  const volumes = Object.entries(model.volumes ?? {}).map(([key, volume]) => toVolume(input, volume, key));
  return {
    name: model.name,
    services: byName(services),
    networks: byName(once([...networks, ...implied])),
    volumes: byName(once(volumes)),
  };
};
