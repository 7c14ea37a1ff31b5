type Plain = Readonly<Record<string, unknown>>;

const isPlain = (value: unknown): value is Plain => typeof value === 'object' && value !== null && !Array.isArray(value);
const part = (model: unknown, key: string): Plain => {
  const value = isPlain(model) ? model[key] : undefined;
  return isPlain(value) ? value : {};
};

/** What a resolved model names, by the key that it stands under. */
export type NameKind = 'volumes' | 'networks' | 'models';

/** The names of one kind in a resolved model, sorted. */
export const namesOf = (model: unknown, kind: NameKind): readonly string[] => Object.keys(part(model, kind)).toSorted();

/** The names of all services, each behind those that it depends on, else by name. */
export const servicesOf = (model: unknown): readonly string[] => {
  const services = part(model, 'services');
  const ordered = new Set<string>();
  const begun = new Set<string>();
  const visit = (name: string): void => {
    // With a circle, which only --no-consistency lets through, whoever comes first stays so.
    if (begun.has(name) || !Object.hasOwn(services, name)) return;
    begun.add(name);
    for (const other of Object.keys(part(services[name], 'depends_on')).toSorted()) visit(other);
    ordered.add(name);
  };
  for (const name of Object.keys(services).toSorted()) visit(name);
  return [...ordered];
};

/** The image of each service, by the service's name: the one it names, else what is built for it. */
export const imagesOf = (model: unknown, project: string): readonly string[] => {
  const services = part(model, 'services');
  return Object.keys(services)
    .toSorted()
    .flatMap((name) => {
      const service = services[name];
      if (!isPlain(service)) return [];
      if (typeof service.image === 'string' && service.image !== '') return [service.image];
      return service.build === undefined ? [] : [`${project}-${name}`];
    });
};

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, sorted(value[key])]),
  );
};

/** What changes nothing about a container that runs: docker/compose hash.go. */
const leftOut = ['build', 'pull_policy', 'scale', 'depends_on', 'profiles'];

const withoutReplicas = (deploy: unknown): unknown =>
  isPlain(deploy) ? Object.fromEntries(Object.entries(deploy).filter(([key]) => key !== 'replicas')) : deploy;

/**
 * A service's configuration as text that does not depend on the order of its keys, without what tells how many there are, when they start
 * and how their image comes about.
 */
export const hashInput = (model: unknown, service: string): string => {
  const said = Object.entries(part(part(model, 'services'), service)).filter(([key]) => !leftOut.includes(key));
  return JSON.stringify(sorted(Object.fromEntries(said.map(([key, value]) => [key, key === 'deploy' ? withoutReplicas(value) : value]))));
};

/** The same, sorted by name. */
export const sortedByName = (values: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
