import { type GenericResource, PlacementStrategy, type Resources, type ServiceSpec } from '@tso/proto';
import { type Attributes, FlagProblem, last, put, type ServiceFlag, scalar, without, withPlacement, withTask } from './flag.ts';

const resource = (
  name: string,
  value: string,
  text: string,
  part: 'limits' | 'reservations',
  key: keyof Resources,
  attribute: string,
): ServiceFlag => ({
  name,
  value,
  text,
  apply: (spec, values, { parse }) => {
    const said = attribute === 'memory' ? last(values) : scalar(last(values));
    const made = parse(name, last(values), { deploy: { resources: { [part]: { [attribute]: said } } } }).task[part];
    return withTask(spec, { [part]: { ...spec.task[part], [key]: made[key] } });
  },
});

const placement = (value: Attributes): Attributes => ({ deploy: { placement: value } });
const sameConstraint = (text: string): string => text.replaceAll(/\s+/g, '');
const preference = (flag: string, text: string): string => {
  const [kind, label = ''] = text.split('=', 2);
  if (kind !== 'spread' || label === '') throw new FlagProblem(`--${flag} ${text}: it is no preference`, 'Write spread=node.labels.NAME.');
  return label;
};

const genericOf = (text: string): GenericResource => {
  const [, kind, count] = /^([A-Za-z0-9][A-Za-z0-9_.-]*)=([1-9]\d{0,8})$/.exec(text) ?? [];
  if (kind === undefined) throw new FlagProblem(`--generic-resource-add ${text}: it is no resource`, 'Write KIND=COUNT, such as gpu=1.');
  return { kind, count: Number(count), ids: [] };
};

const byKind = (generic: readonly GenericResource[]): readonly GenericResource[] => generic.toSorted((a, b) => (a.kind < b.kind ? -1 : 1));

const strategies: Readonly<Record<string, PlacementStrategy>> = { spread: PlacementStrategy.SPREAD, binpack: PlacementStrategy.BINPACK };

const lists: readonly ServiceFlag[] = [
  {
    name: 'constraint-rm',
    value: '<constraint>',
    text: 'remove a constraint',
    repeatable: true,
    apply: (spec, values) => {
      const { constraints } = spec.task.placement;
      const isMeant = (entry: string, word: string): boolean => sameConstraint(entry) === sameConstraint(word);
      return withPlacement(spec, { constraints: without('constraint-rm', constraints, values, isMeant, String) });
    },
  },
  {
    name: 'constraint-add',
    value: '<constraint>',
    text: 'nodes that it may run on: node.labels.disk==ssd',
    repeatable: true,
    apply: (spec, values, { parse }) => {
      const made = values.flatMap((one) => parse('constraint-add', one, placement({ constraints: [one] })).task.placement.constraints);
      return withPlacement(spec, { constraints: put(spec.task.placement.constraints, made, sameConstraint) });
    },
  },
  {
    name: 'placement-pref-rm',
    value: '<preference>',
    text: 'remove a preference',
    repeatable: true,
    apply: (spec, values) => {
      const words = values.map((text) => preference('placement-pref-rm', text));
      const kept = without('placement-pref-rm', spec.task.placement.spreadOver, words, (entry, word) => entry === word, String);
      return withPlacement(spec, { spreadOver: kept });
    },
  },
  {
    name: 'placement-pref-add',
    value: '<preference>',
    text: 'what tasks are spread over first: spread=node.labels.zone',
    repeatable: true,
    apply: (spec, values, { parse }) => {
      const made = values.flatMap((one) => {
        const attributes = placement({ preferences: [{ spread: preference('placement-pref-add', one) }] });
        return parse('placement-pref-add', one, attributes).task.placement.spreadOver;
      });
      return withPlacement(spec, { spreadOver: put(spec.task.placement.spreadOver, made, String) });
    },
  },
  {
    name: 'generic-resource-rm',
    value: '<kind>',
    text: 'remove a reservation of a generic resource',
    repeatable: true,
    apply: (spec, values) => {
      const kept = without(
        'generic-resource-rm',
        spec.task.generic,
        values,
        ({ kind }, word) => kind === word,
        ({ kind }) => kind,
      );
      return withTask(spec, { generic: kept });
    },
  },
  {
    name: 'generic-resource-add',
    value: '<kind=count>',
    text: 'reserve so many of a generic resource',
    repeatable: true,
    apply: (spec, values) => withTask(spec, { generic: byKind(put(spec.task.generic, values.map(genericOf), ({ kind }) => kind)) }),
  },
];

const atLeastNothing = (flag: string, text: string): number => {
  if (!/^\d{1,7}$/.test(text)) throw new FlagProblem(`--${flag} ${text}: it is not a whole number from 0`);
  return Number(text);
};

const singles: readonly ServiceFlag[] = [
  {
    name: 'replicas-max-per-node',
    value: '<n>',
    text: 'no more tasks than this on one node; 0: no limit',
    apply: (spec, values) => withPlacement(spec, { maxReplicasPerNode: atLeastNothing('replicas-max-per-node', last(values)) }),
  },
  {
    name: 'strategy',
    value: '<strategy>',
    text: 'spread over the nodes, or onto the fullest that fits',
    choices: Object.keys(strategies),
    apply: (spec, values) => {
      const strategy = Object.hasOwn(strategies, last(values)) ? strategies[last(values)] : undefined;
      if (strategy === undefined) throw new FlagProblem(`--strategy ${last(values)}: it is not known`, 'Use spread or binpack.');
      return withPlacement(spec, { strategy });
    },
  },
  {
    name: 'priority',
    value: '<n>',
    text: 'a task that has no room takes it from services of lower priority',
    apply: (spec, values): ServiceSpec => {
      const text = last(values);
      const priority = Number(text);
      if (!/^-?\d{1,10}$/.test(text) || Math.abs(priority) > 2 ** 31 - 1)
        throw new FlagProblem(`--priority ${text}: it is not a whole number`);
      return { ...spec, priority };
    },
  },
];

/** Where tasks run, and what they take there. */
export const placementFlags: readonly ServiceFlag[] = [
  ...lists,
  ...singles,
  resource('limit-cpu', '<cpus>', 'CPUs that a task may use', 'limits', 'nanoCpus', 'cpus'),
  resource('limit-memory', '<size>', 'memory that a task may use', 'limits', 'memoryBytes', 'memory'),
  resource('limit-pids', '<n>', 'processes that a task may have; 0: no limit', 'limits', 'pids', 'pids'),
  resource('reserve-cpu', '<cpus>', 'CPUs that a node must have free for a task', 'reservations', 'nanoCpus', 'cpus'),
  resource('reserve-memory', '<size>', 'memory that a node must have free for a task', 'reservations', 'memoryBytes', 'memory'),
];
