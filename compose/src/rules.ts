import type { Report } from './diagnostics.ts';
import { walk } from './graph.ts';
import type { ComposeModel, FileModel, Named, ServiceModel } from './model.ts';
import { type Dependency, dependenciesOf } from './profiles.ts';
import { deployRules } from './rules-deploy.ts';
import { pathText, placeOf, type TreeNode, type TreePath } from './tree.ts';

/** What the shape of a file cannot say: references, exclusions, circles. */

export interface RuleContext {
  readonly model: ComposeModel;
  /** Every service the files declare, also those that take no part. */
  readonly declared: Named<ServiceModel>;
  readonly declaredNames: readonly string[];
  readonly tree: TreeNode;
  readonly report: Report;
  /** Parts (`services.web`) that were left out because their shape is wrong: they are there, only not usable. */
  readonly unsound: ReadonlySet<string>;
  /** Services that lack a part for that reason. */
  readonly incomplete: ReadonlySet<string>;
}

export type ServiceRule = (service: ServiceModel, name: string, context: RuleContext) => void;

/** Reports at the key of `path`. */
export const atKey = (context: RuleContext, code: Parameters<Report['add']>[0], path: TreePath, message: string, hint?: string): void =>
  context.report.at(code, placeOf(context.tree, path), 'key', path, message, { hint });

const needsImage: ServiceRule = (service, name, context) => {
  if (service.image !== undefined && service.image.trim() !== '') return;
  if (service.build !== undefined || service.provider !== undefined) return;
  // What was left out of it for its shape may be what is missing.
  if (context.incomplete.has(name)) return;
  const path = ['services', name];
  if (service.image !== undefined) {
    atKey(context, 'E300', [...path, 'image'], `service ${name} has an empty image`, 'name the image: image: NAME:TAG');
    return;
  }
  atKey(context, 'E300', path, `service ${name} has neither an image nor a build context`, 'add image: NAME:TAG');
};

/** `implied`: a name that is there without being declared. */
const refersTo =
  (kind: 'network' | 'volume' | 'secret' | 'config' | 'model', known: Named<unknown> = {}, implied?: string) =>
  (name: string, service: string, path: TreePath, context: RuleContext): void => {
    if (Object.hasOwn(known, name) || name === implied || context.unsound.has(`${kind}s.${name}`) || context.unsound.has(`${kind}s`))
      return;
    const hint =
      context.report.meantHint(name, () => Object.keys(known).concat(implied ?? [])) ?? `declare it at the top: ${kind}s: {${name}: {}}`;
    atKey(context, 'E301', path, `service ${service} refers to undefined ${kind} ${name}`, hint);
  };

const references: ServiceRule = (service, name, context) => {
  const { model } = context;
  const network = refersTo('network', model.networks, 'default');
  for (const key of Object.keys(service.networks ?? {})) network(key, name, ['services', name, 'networks', key], context);
  const volume = refersTo('volume', model.volumes);
  for (const [index, mount] of (service.volumes ?? []).entries()) {
    if (mount.type === 'volume' && mount.source !== undefined && mount.source !== '')
      volume(mount.source, name, ['services', name, 'volumes', index], context);
  }
  const secret = refersTo('secret', model.secrets);
  for (const [index, item] of (service.secrets ?? []).entries())
    if (item.source !== undefined) secret(item.source, name, ['services', name, 'secrets', index], context);
  for (const [index, item] of (service.build?.secrets ?? []).entries()) {
    if (item.source !== undefined) secret(item.source, name, ['services', name, 'build', 'secrets', index], context);
  }
  const config = refersTo('config', model.configs);
  for (const [index, item] of (service.configs ?? []).entries())
    if (item.source !== undefined) config(item.source, name, ['services', name, 'configs', index], context);
  const wanted = refersTo('model', model.models);
  for (const key of Object.keys(service.models ?? {})) wanted(key, name, ['services', name, 'models', key], context);
};

/** More of them, or longer ones, help nobody to find the one that was meant. */
const mostServicesListed = 20;
const longestListed = 100;

/** Which service may be meant by a name that none has. */
const serviceHint = ({ report, declaredNames }: RuleContext, said: string, name: string): string | undefined => {
  // Of thousands of such names only the first are told: the others need no hint.
  if (report.isFull) return undefined;
  const listed = declaredNames
    .slice(0, mostServicesListed + 1)
    .filter((one) => one !== name && one.length <= longestListed)
    .slice(0, mostServicesListed);
  const more = declaredNames.length - 1 - listed.length;
  const meant = report.meantHint(said, () => declaredNames.filter((one) => one !== name));
  return meant ?? `the services are: ${listed.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

/** As the file has them: what links and the like imply has been added to the model's depends_on. */
const dependenciesSaid = ({ declared }: RuleContext, name: string): ReadonlyMap<string, Dependency> => dependenciesOf(declared[name] ?? {});

const dependencies: ServiceRule = (service, name, context) => {
  for (const [other, dependency] of Object.entries(service.depends_on ?? {})) {
    if ((dependency as { condition?: string }).condition !== undefined) continue;
    const path = ['services', name, 'depends_on', other];
    atKey(context, 'E203', path, `${pathText(path)} lacks the key 'condition'`, 'add condition: service_started');
  }
  for (const [other, { required, path }] of dependenciesSaid(context, name)) {
    const optional = !required && context.declared[other] !== undefined;
    if (context.model.services[other] !== undefined || optional || context.unsound.has(`services.${other}`)) continue;
    const disabled = context.declared[other]?.profiles;
    const key = String(path[0]);
    const byKey = key === 'depends_on' ? '' : ` (by its ${key})`;
    const hint =
      disabled === undefined
        ? serviceHint(context, other, name)
        : `${other} is in profile ${disabled.join(', ')}: activate it with --profile, or ${byKey === '' ? 'say required: false' : `take it out of ${key}`}`;
    const what = disabled === undefined ? 'undefined service' : 'inactive service';
    atKey(context, 'E301', ['services', name, ...path], `service ${name} depends on ${what} ${other}${byKey}`, hint);
  }
};

const exclusions: ServiceRule = (service, name, context) => {
  const path = ['services', name];
  if (service.network_mode !== undefined && Object.keys(service.networks ?? {}).length > 0) {
    atKey(
      context,
      'E303',
      [...path, 'network_mode'],
      `service ${name} declares mutually exclusive network_mode and networks`,
      'keep one of them',
    );
  }
  if (service.build?.dockerfile !== undefined && service.build.dockerfile_inline !== undefined) {
    atKey(context, 'E303', [...path, 'build'], `service ${name} declares both dockerfile and dockerfile_inline`, 'keep one of them');
  }
  const requests: readonly (readonly [TreePath, NonNullable<ServiceModel['gpus']>[number]])[] = [
    ...(service.gpus ?? []).map((request, index) => [[...path, 'gpus', index], request] as const),
    ...(service.deploy?.resources?.reservations?.devices ?? []).map(
      (request, index) => [[...path, 'deploy', 'resources', 'reservations', 'devices', index], request] as const,
    ),
  ];
  for (const [at, request] of requests) {
    if (request.count !== undefined && request.device_ids !== undefined) {
      atKey(context, 'E303', at, `"count" and "device_ids" attributes are exclusive in ${pathText(at)}`, 'keep one of them');
    }
  }
};

const health: ServiceRule = (service, name, context) => {
  const test = service.healthcheck?.test;
  if (test === undefined || test.length === 0) return;
  const path = ['services', name, 'healthcheck', 'test'];
  if (!['NONE', 'CMD', 'CMD-SHELL'].includes(test[0] ?? '')) {
    atKey(
      context,
      'E202',
      path,
      `the first item of ${pathText(path)} must be NONE, CMD or CMD-SHELL, but is '${test[0]}'`,
      'write CMD before the program',
    );
  }
};

const watching: ServiceRule = (service, name, context) => {
  for (const [index, rule] of (service.develop?.watch ?? []).entries()) {
    const path = ['services', name, 'develop', 'watch', index];
    if (rule.target === undefined && rule.action !== 'rebuild' && rule.action !== 'restart') {
      atKey(
        context,
        'E306',
        path,
        `services.${name}.develop.watch: target is required for non-rebuild actions`,
        'add target: PATH in the container',
      );
    }
  }
};

const mounts: ServiceRule = (service, name, context) => {
  for (const [index, mount] of (service.volumes ?? []).entries()) {
    const path = ['services', name, 'volumes', index];
    if (
      mount.type !== 'tmpfs' &&
      mount.type !== 'volume' &&
      (mount.source === undefined || (mount.source === '' && mount.type === 'bind'))
    ) {
      atKey(context, 'E306', path, `${pathText(path)} of type ${mount.type} lacks a source`, 'add source:');
    }
    if (mount.target === undefined || mount.target === '') {
      atKey(context, 'E306', path, `${pathText(path)} lacks a target`, 'add target: PATH in the container');
    }
    if (mount.type === 'tmpfs' && mount.source !== undefined && mount.source !== '') {
      atKey(context, 'E303', path, `${pathText(path)} of type tmpfs cannot have a source`, 'remove source');
    }
  }
};

const serviceRules: readonly ServiceRule[] = [needsImage, references, dependencies, exclusions, health, watching, mounts, ...deployRules];

/** As many services of a circle as a person reads. */
const mostShown = 12;

const circles = (context: RuleContext): void => {
  const { services } = context.model;
  const needed = (name: string): readonly string[] =>
    [...dependenciesOf(services[name] ?? {}).keys()].filter((other) => services[other] !== undefined).toSorted();
  const { circle } = walk(Object.keys(services).toSorted(), needed);
  if (circle === undefined) return;
  const ways = circle.slice(0, mostShown).flatMap((one, index): readonly TreePath[] => {
    const other = circle[index + 1];
    return other === undefined ? [] : [[one, ...(dependenciesSaid(context, one).get(other)?.path ?? ['depends_on'])]];
  });
  const keys = ways.map(([one, key]) => `${key} of ${one}`).join(', ');
  const byKeys = ways.every(([, key]) => key === 'depends_on') ? '' : ` (by ${keys})`;
  const shown =
    circle.length <= mostShown + 1 ? circle : [...circle.slice(0, mostShown), `${circle.length - mostShown - 1} more`, ...circle.slice(-1)];
  const message = `dependency cycle detected: ${shown.join(' -> ')}${byKeys}`;
  atKey(context, 'E302', ['services', ...(ways[0] ?? [])], message, 'remove one of these dependencies');
};

const containerNames = (context: RuleContext): void => {
  const taken = new Map<string, string>();
  for (const [name, service] of Object.entries(context.model.services)) {
    if (service.container_name === undefined) continue;
    const other = taken.get(service.container_name);
    const path = ['services', name, 'container_name'];
    if (other !== undefined) {
      atKey(
        context,
        'E305',
        path,
        `container name "${service.container_name}" is already in use by service ${other}`,
        'give one of them another name',
      );
    }
    taken.set(service.container_name, name);
  }
};

const externals = (context: RuleContext): void => {
  const kinds = {
    networks: context.model.networks,
    volumes: context.model.volumes,
    secrets: context.model.secrets,
    configs: context.model.configs,
  };
  for (const [kind, named] of Object.entries(kinds)) {
    for (const [name, value] of Object.entries(named ?? {})) {
      if ((value as { external?: boolean } | null)?.external !== true) continue;
      for (const [key, said] of Object.entries(value as object)) {
        if (key === 'name' || key === 'external' || key.startsWith('x-')) continue;
        // `docker compose config --format json` prints `ipam: {}` of every network.
        if (key === 'ipam' && Object.keys(said ?? {}).length === 0) continue;
        const path = [kind, name, key];
        atKey(
          context,
          'E303',
          path,
          `${kind}.${name}: conflicting parameters "external" and "${key}" specified`,
          'what exists outside the project is only named here',
        );
      }
    }
  }
};

const fileSources = (context: RuleContext): void => {
  const check = (kind: 'secret' | 'config', named: Named<FileModel | null> | undefined, ways: readonly (keyof FileModel)[]): void => {
    for (const [name, value] of Object.entries(named ?? {})) {
      const path = [`${kind}s`, name];
      const given = ways.filter((way) => value?.[way] !== undefined);
      if (value?.external === true || value?.driver !== undefined) continue;
      if (given.length === 0) {
        const listed = ways.map((way) => `\`${way}\``).join(' or ');
        atKey(context, 'E306', path, `${kind} "${name}" must declare either ${listed}`, `or say external: true`);
      } else if (given.length > 1) {
        atKey(context, 'E303', path, `${kind} "${name}" declares ${given.join(' and ')}, which exclude each other`, 'keep one of them');
      }
    }
  };
  check('secret', context.model.secrets, ['file', 'environment']);
  check('config', context.model.configs, ['file', 'environment', 'content']);
};

/** Checks the model against the specification's rules; every break of one goes to the report (E202, E300 to E306). */
export const checkRules = (context: RuleContext): void => {
  for (const [name, service] of Object.entries(context.model.services)) for (const rule of serviceRules) rule(service, name, context);
  circles(context);
  containerNames(context);
  externals(context);
  fileSources(context);
};
