import { meantHint, type Report } from './diagnostics.ts';
import { walk } from './graph.ts';
import type { ComposeModel, Named, ServiceModel } from './model.ts';
import type { TreePath } from './tree.ts';

/** Which services take part. Source: compose-spec 15-profiles. */

const enabled = (service: ServiceModel, active: readonly string[]): boolean => {
  const own = service.profiles ?? [];
  return own.length === 0 || active.includes('*') || own.some((profile) => active.includes(profile));
};

/** That a service needs another. */
export interface Dependency {
  readonly required: boolean;
  /** Where the service says so, from the service on. */
  readonly path: TreePath;
}

/**
 * What a service needs by its depends_on, links, volumes_from, shared namespaces and build contexts, by name. Where several keys say it: the first that
 * requires it.
 */
export const dependenciesOf = (service: ServiceModel): ReadonlyMap<string, Dependency> => {
  const found = new Map<string, Dependency>();
  const add = (name: string, path: TreePath, required = true): void => {
    if (found.get(name)?.required !== true) found.set(name, { required, path });
  };
  for (const [name, { required }] of Object.entries(service.depends_on ?? {})) add(name, ['depends_on', name], required !== false);
  for (const [index, link] of (service.links ?? []).entries()) add(link.split(':')[0] ?? link, ['links', index]);
  for (const [index, from] of (service.volumes_from ?? []).entries())
    if (!from.startsWith('container:')) add(from.split(':')[0] ?? from, ['volumes_from', index]);
  for (const key of ['network_mode', 'ipc', 'pid'] as const) {
    const mode = service[key];
    if (mode?.startsWith('service:') === true) add(mode.slice('service:'.length), [key]);
  }
  for (const [key, context] of Object.entries(service.build?.additional_contexts ?? {}))
    if (context.startsWith('service:')) add(context.slice('service:'.length), ['build', 'additional_contexts', key]);
  return found;
};

const withDependencies = (services: Named<ServiceModel>, names: readonly string[]): ReadonlySet<string> =>
  new Set(walk(names, (name) => [...dependenciesOf(services[name] ?? {}).keys()]).order);

/**
 * The model with only the services whose profiles are active; services named in `selected` (their own profiles are active then) and
 * what they depend on, when there are any. E307 for a name that no service has.
 */
export const selectServices = (
  model: ComposeModel,
  profiles: readonly string[],
  selected: readonly string[],
  report: Report,
): ComposeModel => {
  const active = [...profiles];
  for (const name of selected) {
    const service = model.services[name];
    if (service !== undefined) active.push(...(service.profiles ?? []));
    // The command line names it, no place of a file does.
    else
      report.add('E307', undefined, ['services'], `no such service: ${name}`, {
        hint: meantHint(name, Object.keys(model.services)),
      });
  }
  const taking = Object.fromEntries(Object.entries(model.services).filter(([, service]) => enabled(service, active)));
  if (selected.length === 0) return { ...model, services: taking };
  const chosen = withDependencies(taking, selected);
  return { ...model, services: Object.fromEntries(Object.entries(taking).filter(([name]) => chosen.has(name))) };
};
