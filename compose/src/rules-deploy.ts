import type { ServiceRule } from './rules.ts';
import { pathText, placeOf } from './tree.ts';

/** Rules about how many and how large. */

const agree =
  (
    short: (service: Parameters<ServiceRule>[0]) => number | undefined,
    key: string,
    long: (service: Parameters<ServiceRule>[0]) => number | undefined,
    other: readonly string[],
  ): ServiceRule =>
  (service, name, context) => {
    const a = short(service);
    const b = long(service);
    if (a === undefined || b === undefined || a === b) return;
    const path = ['services', name, key];
    const message = `services.${name}: can't set distinct values on '${key}' and '${other.join('.')}'`;
    context.report.at('E304', placeOf(context.tree, path), 'key', path, message, { hint: 'keep one of them' });
  };

const bytesOf = (text: string | undefined): number | undefined => (text === undefined || text === '0' ? undefined : Number(text));
const said = (value: number | undefined): number | undefined => (value === 0 ? undefined : value);

const scaleOnce: ServiceRule = (service, name, context) => {
  const count = service.deploy?.replicas ?? service.scale;
  if (service.container_name === undefined || count === undefined || count <= 1) return;
  const path = ['services', name, 'container_name'];
  context.report.at(
    'E303',
    placeOf(context.tree, path),
    'key',
    path,
    `services.${name}: can't set container_name and ${service.deploy?.replicas === undefined ? 'scale' : 'deploy.replicas'} ${count}: container_name must be unique`,
    { hint: 'remove container_name, or run one replica' },
  );
};

const platforms: ServiceRule = (service, name, context) => {
  const listed = service.build?.platforms ?? [];
  if (service.platform === undefined || listed.length === 0 || listed.includes(service.platform)) return;
  const path = ['services', name, 'build', 'platforms'];
  context.report.at(
    'E304',
    placeOf(context.tree, path),
    'key',
    path,
    `${pathText(path)} must include the service's platform ${service.platform}`,
  );
};

const negatives: ServiceRule = (service, name, context) => {
  const counts: readonly (readonly [readonly string[], number | undefined])[] = [
    [['deploy', 'replicas'], service.deploy?.replicas],
    [['scale'], service.scale],
  ];
  for (const [key, value] of counts) {
    if (value === undefined || value >= 0) continue;
    const path = ['services', name, ...key];
    context.report.at('E202', placeOf(context.tree, path), 'value', path, `${pathText(path)} must not be negative, but is ${value}`);
  }
};

export const deployRules: readonly ServiceRule[] = [
  agree(
    (service) => service.scale,
    'scale',
    (service) => service.deploy?.replicas,
    ['deploy', 'replicas'],
  ),
  agree(
    (service) => said(service.cpus),
    'cpus',
    (service) => said(service.deploy?.resources?.limits?.cpus),
    ['deploy', 'resources', 'limits', 'cpus'],
  ),
  agree(
    (service) => bytesOf(service.mem_limit),
    'mem_limit',
    (service) => bytesOf(service.deploy?.resources?.limits?.memory),
    ['deploy', 'resources', 'limits', 'memory'],
  ),
  agree(
    (service) => bytesOf(service.mem_reservation),
    'mem_reservation',
    (service) => bytesOf(service.deploy?.resources?.reservations?.memory),
    ['deploy', 'resources', 'reservations', 'memory'],
  ),
  agree(
    (service) => said(service.pids_limit),
    'pids_limit',
    (service) => said(service.deploy?.resources?.limits?.pids),
    ['deploy', 'resources', 'limits', 'pids'],
  ),
  scaleOnce,
  platforms,
  negatives,
];
