import type { ServiceSpec, StackSpec } from '@tso/proto';
import { TsoError } from '@tso/proto';
import type { View } from '../store/view.ts';
import { addressProblems, networkModeProblems } from './validate-between-networks.ts';
import { portProblems } from './validate-ports.ts';
import { duplicates, invalid } from './validate-shared.ts';

type Problems = Iterable<TsoError>;

const containerNameProblems = function* (view: View, spec: StackSpec): Problems {
  const nameOf = (service: ServiceSpec): string => service.task.container.containerName;
  for (const name of duplicates(spec.services.map(nameOf))) yield invalid(`container_name ${name} is given twice`);
  for (const other of view.services()) {
    const name = nameOf(other.spec);
    if (other.stack === spec.name || other.removing || name === '' || !spec.services.some((service) => nameOf(service) === name)) continue;
    yield new TsoError('CONFLICT', `container_name ${name} is taken by service ${other.spec.name} of stack ${other.stack}`, {
      hint: 'Choose another container_name, or leave it out',
    });
  }
};

const conditions = ['service_started', 'service_healthy', 'service_completed_successfully'];

const dependencyProblems = function* (spec: StackSpec): Problems {
  const names = new Set(spec.services.map((service) => service.name));
  for (const service of spec.services) {
    for (const { service: other, condition, required } of service.dependsOn) {
      if (!names.has(other) && required) yield invalid(`service ${service.name} depends on ${other}, which is not a service of the stack`);
      if (condition !== '' && !conditions.includes(condition))
        yield invalid(`service ${service.name}: condition "${condition}" is not known`, `Use ${conditions.join(', ')}`);
    }
  }
  const cycle = dependencyCycle(spec);
  if (cycle !== undefined)
    yield invalid(`the services depend on each other in a circle: ${cycle.join(' -> ')}`, 'Break the circle in depends_on');
};

/** One circle of dependencies, its first service named again at the end. */
const dependencyCycle = (spec: StackSpec): readonly string[] | undefined => {
  const byName = new Map(spec.services.map((service) => [service.name, service]));
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const { service } of byName.get(name)?.dependsOn ?? []) {
      const found = visit(service, [...path, name]);
      if (found !== undefined) return found;
    }
    done.add(name);
    return undefined;
  };
  for (const name of byName.keys()) {
    const found = visit(name, []);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** What is wrong between the services of the stack, and between them and other stacks. */
export const betweenServices = function* (view: View, spec: StackSpec, removeOrphans: boolean): Problems {
  for (const name of duplicates(spec.services.map((service) => service.name))) yield invalid(`service ${name} is given twice`);
  yield* dependencyProblems(spec);
  yield* portProblems(view, spec, removeOrphans);
  yield* containerNameProblems(view, spec);
  yield* addressProblems(view, spec, removeOrphans);
  yield* networkModeProblems(view, spec);
};
