import { meantHint, type Report } from './diagnostics.ts';
import type { ComposeModel, Named, ServiceModel } from './model.ts';
import { placeOf, type TreeNode } from './tree.ts';

/** Which services take part. Source: compose-spec 15-profiles. */

const enabled = (service: ServiceModel, active: readonly string[]): boolean => {
  const own = service.profiles ?? [];
  return own.length === 0 || active.includes('*') || own.some((profile) => active.includes(profile));
};

/** The names in a service's depends_on, links, volumes_from and shared namespaces, with whether each is required. */
export const dependenciesOf = (service: ServiceModel): ReadonlyMap<string, boolean> => {
  const found = new Map<string, boolean>();
  for (const [name, dependency] of Object.entries(service.depends_on ?? {})) found.set(name, dependency.required !== false);
  for (const link of service.links ?? []) found.set(link.split(':')[0] ?? link, true);
  for (const from of service.volumes_from ?? []) if (!from.startsWith('container:')) found.set(from.split(':')[0] ?? from, true);
  for (const mode of [service.network_mode, service.ipc, service.pid]) {
    if (mode?.startsWith('service:') === true) found.set(mode.slice('service:'.length), true);
  }
  for (const context of Object.values(service.build?.additional_contexts ?? {})) {
    if (context.startsWith('service:')) found.set(context.slice('service:'.length), true);
  }
  return found;
};

const withDependencies = (services: Named<ServiceModel>, names: readonly string[]): ReadonlySet<string> => {
  const chosen = new Set<string>();
  const visit = (name: string): void => {
    const service = services[name];
    if (service === undefined || chosen.has(name)) return;
    chosen.add(name);
    for (const other of dependenciesOf(service).keys()) visit(other);
  };
  for (const name of names) visit(name);
  return chosen;
};

/**
 * The model with only the services whose profiles are active; services named in `selected` (their own profiles are active then) and
 * what they depend on, when there are any. E307 for a name that no service has.
 */
export const selectServices = (
  model: ComposeModel,
  profiles: readonly string[],
  selected: readonly string[],
  tree: TreeNode,
  report: Report,
): ComposeModel => {
  const active = [...profiles];
  for (const name of selected) {
    const service = model.services[name];
    if (service !== undefined) active.push(...(service.profiles ?? []));
    else
      report.at('E307', placeOf(tree, ['services']), 'key', ['services'], `no such service: ${name}`, {
        hint: meantHint(name, Object.keys(model.services)),
      });
  }
  const taking = Object.fromEntries(Object.entries(model.services).filter(([, service]) => enabled(service, active)));
  if (selected.length === 0) return { ...model, services: taking };
  const chosen = withDependencies(taking, selected);
  return { ...model, services: Object.fromEntries(Object.entries(taking).filter(([name]) => chosen.has(name))) };
};
