import { type Reading, readOrReport, variablesOrReport } from './document.ts';
import { parseEnvFile, parseRawEnvText } from './env-file.ts';
import {
  type ComposeModel,
  type DependencyModel,
  type EnvFileModel,
  type FileModel,
  mapNamed,
  type Named,
  type NetworkModel,
  type ServiceModel,
  type VolumeModel,
} from './model.ts';
import { dependenciesOf } from './profiles.ts';
import { placeOf, type TreeNode, type TreePath } from './tree.ts';

/** Makes explicit what the specification implies: environments, default network, names, dependencies. */

const readServiceEnvFile = (reading: Reading, file: EnvFileModel, tree: TreeNode, path: TreePath, soFar: ReadonlyMap<string, string>) => {
  if (file.required === false && !reading.files.isFile(file.path)) return new Map<string, string>();
  const at = placeOf(tree, path).value;
  const text = readOrReport(reading, file.path, 'E101', at, path);
  if (text === undefined) return new Map<string, string>();
  const earlier = (name: string): string | undefined => soFar.get(name);
  if (file.format !== undefined && file.format !== '' && file.format !== 'raw') {
    reading.report.add('E202', at, path, `'${file.format}' is not a format of env files`, { hint: 'leave format out, or write raw' });
    return new Map<string, string>();
  }
  const parse = (lines: string): ReadonlyMap<string, string> =>
    file.format === 'raw' ? parseRawEnvText(lines, reading.lookup) : parseEnvFile(lines, reading.lookup, earlier);
  return variablesOrReport(reading, file.path, text, path, parse) ?? new Map<string, string>();
};

/** env_file in order, then environment over it; a key without a value takes the project's, and is left out when that has none. */
const withEnvironment = (reading: Reading, service: ServiceModel, name: string, tree: TreeNode): ServiceModel => {
  const found = new Map<string, string | null>();
  const fromFiles = new Map<string, string>();
  for (const [index, file] of (service.env_file ?? []).entries()) {
    const path = ['services', name, 'env_file', index];
    for (const [key, value] of readServiceEnvFile(reading, file, tree, path, fromFiles)) {
      fromFiles.set(key, value);
      found.set(key, value);
    }
  }
  for (const [key, value] of Object.entries(service.environment ?? {})) {
    const resolved = value ?? reading.lookup(key);
    if (resolved !== undefined) found.set(key, resolved);
    else found.set(key, null);
  }
  const { env_file: _read, ...rest } = service;
  return found.size === 0 ? rest : { ...rest, environment: Object.fromEntries(found) };
};

/** label_file in order, then labels over them. */
const withLabels = (reading: Reading, service: ServiceModel, name: string, tree: TreeNode): ServiceModel => {
  if (service.label_file === undefined) return service;
  const labels: Record<string, string> = {};
  for (const [index, path] of service.label_file.entries()) {
    const at = ['services', name, 'label_file', index];
    Object.assign(labels, Object.fromEntries(readServiceEnvFile(reading, { path }, tree, at, new Map(Object.entries(labels)))));
  }
  return { ...service, labels: { ...labels, ...service.labels } };
};

const withDependencies = (service: ServiceModel): ServiceModel => {
  const implied: Record<string, DependencyModel> = {};
  const fromVolumes = new Set((service.volumes_from ?? []).map((from) => from.split(':')[0]));
  for (const name of dependenciesOf(service).keys()) {
    if (service.depends_on?.[name] !== undefined) continue;
    const buildOnly = Object.values(service.build?.additional_contexts ?? {}).includes(`service:${name}`);
    if (buildOnly) continue;
    implied[name] = { condition: 'service_started', ...(fromVolumes.has(name) ? {} : { restart: true }), required: true };
  }
  return Object.keys(implied).length === 0 ? service : { ...service, depends_on: { ...implied, ...service.depends_on } };
};

const withBuild = (reading: Reading, service: ServiceModel, folder: string): ServiceModel => {
  const build = service.build;
  if (build === undefined) return service;
  const args = build.args === undefined ? {} : { args: mapNamed(build.args, (value, key) => value ?? reading.lookup(key) ?? null) };
  const dockerfile = build.dockerfile === undefined && build.dockerfile_inline === undefined ? { dockerfile: 'Dockerfile' } : {};
  return { ...service, build: { ...build, context: build.context ?? folder, ...dockerfile, ...args } };
};

/** True for one that names no network and has no other way to have one. */
const isOnDefault = (service: ServiceModel): boolean =>
  service.network_mode === undefined && service.provider === undefined && Object.keys(service.networks ?? {}).length === 0;

const withDefaults = (service: ServiceModel): ServiceModel => {
  const networks = isOnDefault(service) ? { networks: { default: null } } : {};
  const pull = service.pull_policy === 'if_not_present' ? { pull_policy: 'missing' } : {};
  const secrets =
    service.secrets === undefined
      ? {}
      : { secrets: service.secrets.map((secret) => ({ ...secret, target: secret.target ?? `/run/secrets/${secret.source ?? ''}` })) };
  return { ...service, command: service.command ?? null, entrypoint: service.entrypoint ?? null, ...networks, ...pull, ...secrets };
};

const nameOf = (key: string, said: { readonly name?: string; readonly external?: boolean }, project: string): string =>
  said.name ?? (said.external === true ? key : `${project}_${key}`);

const scoped = <T extends { readonly name?: string; readonly external?: boolean }>(
  named: Named<T | null> | undefined,
  used: ReadonlySet<string>,
  project: string,
): Named<T & { readonly name: string }> =>
  mapNamed(named, (value, key) => {
    if (!used.has(key)) return undefined;
    const said = (value ?? {}) as T;
    return { ...said, name: nameOf(key, said, project) };
  });

const usedBy = (services: Named<ServiceModel>, pick: (service: ServiceModel) => readonly (string | undefined)[]): ReadonlySet<string> =>
  new Set(Object.values(services).flatMap((service) => pick(service).filter((name) => name !== undefined)));

const optional = <T>(key: string, named: Named<T>): Record<string, Named<T>> => (Object.keys(named).length === 0 ? {} : { [key]: named });

/** What is left as the files have it; all of it is made explicit unless said. */
export interface LeftAsWritten {
  /** Env files are not read, and keys without a value stay so. */
  readonly environment?: boolean;
  /** Only environment and labels are looked at. */
  readonly everythingElse?: boolean;
}

/** A service with env files read, labels gathered, the default network and implied dependencies made explicit. */
export const normaliseService = (
  reading: Reading,
  service: ServiceModel,
  name: string,
  tree: TreeNode,
  folder: string,
  left: LeftAsWritten = {},
): ServiceModel => {
  const informed = left.environment === true ? service : withEnvironment(reading, service, name, tree);
  const labelled = withLabels(reading, informed, name, tree);
  if (left.everythingElse === true) return { ...labelled, command: service.command ?? null, entrypoint: service.entrypoint ?? null };
  return withDefaults(withBuild(reading, withDependencies(labelled), folder));
};

/** The model as `docker compose config` prints it: everything named, only what its services use (with `all`: everything). */
export const withResources = (model: ComposeModel, all: boolean): ComposeModel => {
  const { services } = model;
  const every = (named: Named<unknown> | undefined, used: ReadonlySet<string>): ReadonlySet<string> =>
    all ? new Set([...Object.keys(named ?? {}), ...used]) : used;
  const usedNetworks = usedBy(services, (service) => (isOnDefault(service) ? ['default'] : Object.keys(service.networks ?? {})));
  const declared = usedNetworks.has('default') ? { default: null, ...model.networks } : model.networks;
  const networks = scoped<NetworkModel>(declared, every(model.networks, usedNetworks), model.name);
  const usedVolumes = usedBy(services, (service) =>
    (service.volumes ?? []).map((mount) => (mount.type === 'volume' ? mount.source : undefined)),
  );
  const usedConfigs = usedBy(services, (service) => (service.configs ?? []).map((reference) => reference.source));
  const usedSecrets = usedBy(services, (service) =>
    [...(service.secrets ?? []), ...(service.build?.secrets ?? [])].map((reference) => reference.source),
  );
  const usedModels = usedBy(services, (service) => Object.keys(service.models ?? {}));
  const { networks: _n, volumes: _v, configs: _c, secrets: _s, models: _m, ...rest } = model;
  return {
    ...rest,
    ...optional(
      'networks',
      mapNamed(networks, (network) => (network.external === true ? network : { ...network, ipam: network.ipam ?? {} })),
    ),
    ...optional('volumes', scoped<VolumeModel>(model.volumes, every(model.volumes, usedVolumes), model.name)),
    ...optional('configs', scoped<FileModel>(model.configs, every(model.configs, usedConfigs), model.name)),
    ...optional('secrets', scoped<FileModel>(model.secrets, every(model.secrets, usedSecrets), model.name)),
    ...optional(
      'models',
      mapNamed(model.models, (value, name) => (all || usedModels.has(name) ? value : undefined)),
    ),
  };
};

/** The model with what its services use (with `all`: everything), and of that only what the files say. */
export const withResourcesAsWritten = (model: ComposeModel, every: boolean): ComposeModel => {
  const used = withResources(model, every);
  const kinds = ['networks', 'volumes', 'configs', 'secrets', 'models'] as const;
  const { networks: _n, volumes: _v, configs: _c, secrets: _s, models: _m, ...rest } = model;
  const declared = kinds.map((kind) => {
    const all: Named<unknown> = model[kind] ?? {};
    return optional(
      kind,
      mapNamed(all, (value, key) => (Object.hasOwn(used[kind] ?? {}, key) ? value : undefined)),
    );
  });
  return Object.assign({}, rest, ...declared) as ComposeModel;
};
