import type { ServiceSpec, StackSpec } from '@tso/proto';
import { TsoError } from '@tso/proto';
import { portsClash } from '../rules/port-clash.ts';
import { portText } from '../rules/words.ts';
import type { View } from '../store/view.ts';
import { addressProblems, networkModeProblems } from './validate-between-networks.ts';
import { duplicates, invalid } from './validate-shared.ts';

type Problems = Iterable<TsoError>;

/** A number that was chosen for a port of the stack stays that port's as long as it asks for none. */
const chosenPortProblems = function* (view: View, spec: StackSpec): Problems {
  for (const holder of view.servicesOfStack(spec.name)) {
    const wishes = spec.services.find(({ name }) => name === holder.spec.name)?.ports ?? [];
    if (holder.removing) continue;
    const chosen = holder.ports.filter((held) =>
      wishes.some(
        (wish) => wish.published === 0 && wish.target === held.target && wish.protocol === held.protocol && wish.mode === held.mode,
      ),
    );
    for (const { name, ports } of spec.services) {
      const port = name === holder.spec.name ? undefined : ports.find((wish) => chosen.some((held) => portsClash(held, wish)));
      if (port === undefined) continue;
      yield new TsoError(
        'CONFLICT',
        `service ${name}: port ${portText(port)} is taken by service ${holder.spec.name}, for which it was chosen`,
        {
          hint: `Publish it on another port, or give ${holder.spec.name} a number too`,
          details: { port: port.published, holder: holder.spec.name },
        },
      );
    }
  }
};

const portProblems = function* (view: View, spec: StackSpec): Problems {
  const wishes = spec.services.flatMap((service) => service.ports.map((port) => ({ service: service.name, port })));
  for (const [index, { service, port }] of wishes.entries()) {
    for (const other of wishes.slice(0, index)) {
      const sameService =
        other.service === service && port.published !== 0 && portText(port) === portText(other.port) && port.hostIp === other.port.hostIp;
      if (!sameService && !portsClash(port, other.port)) continue;
      const who =
        other.service === service ? `service ${service} publishes it twice` : `services ${other.service} and ${service} both publish it`;
      yield invalid(`port ${portText(port)} is taken: ${who}`, 'Publish one of them on another port');
    }
  }
  yield* chosenPortProblems(view, spec);
  const others = view.services().filter((service) => service.stack !== spec.name && !service.removing);
  for (const { service, port } of wishes) {
    const holder = others.find((other) => other.ports.some((held) => portsClash(held, port)));
    if (holder === undefined) continue;
    yield new TsoError(
      'CONFLICT',
      `service ${service}: port ${portText(port)} is taken by service ${holder.spec.name} of stack ${holder.stack}`,
      {
        hint: 'Publish it on another port, or take that stack down',
        details: { port: port.published, holder: `${holder.stack}_${holder.spec.name}` },
      },
    );
  }
};

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
export const betweenServices = function* (view: View, spec: StackSpec): Problems {
  for (const name of duplicates(spec.services.map((service) => service.name))) yield invalid(`service ${name} is given twice`);
  yield* dependencyProblems(spec);
  yield* portProblems(view, spec);
  yield* containerNameProblems(view, spec);
  yield* addressProblems(view, spec);
  yield* networkModeProblems(view, spec);
};
