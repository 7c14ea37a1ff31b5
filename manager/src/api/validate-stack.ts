import type { ServiceSpec, StackSpec } from '@tso/proto';
import { TsoError } from '@tso/proto';
import { cycleIn } from '../rules/cycle.ts';
import { lendersWithin, sharedNamespaceCycle } from '../rules/namespace-targets.ts';
import type { View } from '../store/view.ts';
import { addressProblems, namespaceProblems } from './validate-between-networks.ts';
import { portProblems } from './validate-ports.ts';
import { type Absent, duplicates, invalid } from './validate-shared.ts';

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

const dependencyProblems = function* (view: View, spec: StackSpec): Problems {
  const names = new Set(spec.services.map((service) => service.name));
  for (const service of spec.services) {
    for (const other of duplicates(service.dependsOn.map((each) => each.service)))
      yield invalid(`service ${service.name} depends on ${other} twice`, 'Say one condition for it');
    for (const { service: other, condition, required } of service.dependsOn) {
      if (!names.has(other) && required) yield invalid(`service ${service.name} depends on ${other}, which is not a service of the stack`);
      if (condition !== '' && !conditions.includes(condition))
        yield invalid(`service ${service.name}: condition "${condition}" is not known`, `Use ${conditions.join(', ')}`);
    }
  }
  // One that shares in a circle has been told already.
  const cycle = sharedNamespaceCycle(view, spec) === undefined ? dependencyCycle(view, spec) : undefined;
  if (cycle !== undefined)
    yield invalid(`the services depend on each other in a circle: ${cycle.join(' -> ')}`, 'Break the circle in depends_on');
};

/** One circle of dependencies, its first service named again at the end. Whoever stands beside another's tasks waits for those as well. */
const dependencyCycle = (view: View, spec: StackSpec): readonly string[] | undefined =>
  cycleIn(
    new Map(
      spec.services.map((service) => [
        service.name,
        [...new Set([...service.dependsOn.map((each) => each.service), ...lendersWithin(view, spec, service)])],
      ]),
    ),
  );

/** What is wrong between the services of the stack, and between them and other stacks. */
export const betweenServices = function* (view: View, spec: StackSpec, absent: Absent): Problems {
  for (const name of duplicates(spec.services.map((service) => service.name))) yield invalid(`service ${name} is given twice`);
  yield* namespaceProblems(view, spec);
  yield* dependencyProblems(view, spec);
  yield* portProblems(view, spec, absent);
  yield* containerNameProblems(view, spec);
  yield* addressProblems(view, spec, absent);
};
