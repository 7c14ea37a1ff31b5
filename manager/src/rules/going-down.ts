import type { Service } from '@tso/proto';
import { serviceKey } from '../store/kinds.ts';
import type { View } from '../store/view.ts';
import { cycleIn } from './cycle.ts';
import { namedIn, sharedKinds } from './shared-namespaces.ts';
import { isLive } from './task-facts.ts';

/** Names of the services of its stack that one needs: they are taken down after it. */
const neededBy = ({ spec }: Service): readonly string[] => {
  const lenders = sharedKinds(spec).flatMap(({ mode }) => {
    const named = namedIn(mode);
    return named?.by === 'service' ? [named.name] : [];
  });
  return [...spec.dependsOn.map(({ service }) => service), ...lenders];
};

interface OfStack {
  /** By the name of what they need. */
  readonly leaving: ReadonlyMap<string, readonly Service[]>;
  /** Some depend on each other in turn, which comes about when only some services of a file are applied. */
  readonly hasCircle: boolean;
}

const ofStack = (view: View, stack: string): OfStack => {
  const leaving = new Map<string, Service[]>();
  const needs = new Map<string, readonly string[]>();
  for (const service of view.servicesOfStack(stack)) {
    const needed = new Set(neededBy(service));
    const { name } = service.spec;
    needs.set(name, [...(needs.get(name) ?? []), ...needed]);
    if (!service.removing && !service.stopped) continue;
    for (const other of needed) {
      const found = leaving.get(other);
      if (found === undefined) leaving.set(other, [service]);
      else found.push(service);
    }
  }
  return { leaving, hasCircle: cycleIn(needs) !== undefined };
};

/** The order in which services of a stack are taken down or stopped, of services as they are when it is first asked. */
export class GoingDown {
  readonly #view: View;
  readonly #stacks = new Map<string, OfStack>();

  constructor(view: View) {
    this.#view = view;
  }

  /** Services that go too, whose tasks are stopped before those of this one, and still there: they depend on it. */
  before(service: Service): readonly Service[] {
    const { leaving, hasCircle } = this.#of(service.stack);
    return (leaving.get(service.spec.name) ?? []).filter(
      (other) => other.id !== service.id && this.#isThere(other) && !(hasCircle && this.#needs(service, other)),
    );
  }

  #of(stack: string): OfStack {
    const known = this.#stacks.get(stack) ?? ofStack(this.#view, stack);
    this.#stacks.set(stack, known);
    return known;
  }

  #isThere({ id }: Service): boolean {
    return this.#view.tasksOfService(id).some((task) => isLive(task) && task.nodeId !== '');
  }

  /** Whether the one needs the other in turn, be it through others: then neither waits. */
  #needs(service: Service, other: Service): boolean {
    const seen = new Set<string>();
    const ahead = [service];
    for (let at = ahead.pop(); at !== undefined; at = ahead.pop()) {
      if (at.id === other.id) return true;
      if (seen.has(at.id)) continue;
      seen.add(at.id);
      for (const name of neededBy(at)) ahead.push(...this.#view.table('service').by('name', serviceKey(at.stack, name)));
    }
    return false;
  }
}
