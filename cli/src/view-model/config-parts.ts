export type NameKind = 'services' | 'volumes' | 'networks' | 'images' | 'profiles';

type Plain = Readonly<Record<string, unknown>>;

const isPlain = (value: unknown): value is Plain => typeof value === 'object' && value !== null && !Array.isArray(value);
const part = (model: unknown, key: string): Plain => {
  const value = isPlain(model) ? model[key] : undefined;
  return isPlain(value) ? value : {};
};
const unique = (values: readonly string[]): readonly string[] => [...new Set(values)].sort();

/** The names of one kind in a resolved model, sorted, each once. */
export const namesOf = (model: unknown, kind: NameKind): readonly string[] => {
  const services = Object.values(part(model, 'services')).filter(isPlain);
  switch (kind) {
    case 'images':
      return unique(services.flatMap((service) => (typeof service.image === 'string' ? [service.image] : [])));
    case 'profiles':
      return unique(services.flatMap((service) => (Array.isArray(service.profiles) ? service.profiles.map(String) : [])));
    case 'services':
    case 'volumes':
    case 'networks':
      return unique(Object.keys(part(model, kind)));
    default:
      return kind satisfies never;
  }
};

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
};

/** A service's configuration as text that does not depend on the order of its keys. */
export const hashInput = (model: unknown, service: string): string => JSON.stringify(sorted(part(model, 'services')[service]));
