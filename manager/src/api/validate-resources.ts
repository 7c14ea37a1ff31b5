import { type GenericResource, type Node, NodeState, type Resources, type ServiceSpec, TsoError } from '@tso/proto';
import { serviceNamed } from '../rules/dependencies.ts';
import { cpusText, sizeText } from '../rules/words.ts';
import { sameData } from '../store/equal.ts';
import type { View } from '../store/view.ts';
import { duplicates, invalid, isCount } from './validate-shared.ts';

type Problems = Iterable<TsoError>;

/** The least a container can be given (SwarmKit's figures). */
const minMemoryBytes = 4 * 1024 * 1024;
const minNanoCpus = 1_000_000;
const mostGenericKinds = 64;
const kindPattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

const hostNames = (names: readonly string[]): string =>
  names.length === 1 ? `host ${names[0]} has` : `none of the ${names.length} hosts has`;

/** A limit that no node could ever grant is a mistake in the file, not something to wait for. */
const limitProblems = function* (view: View, at: string, limits: Resources): Problems {
  const nodes = view.nodes().map((node) => node.description);
  if (nodes.length === 0) return;
  const names = nodes.map((description) => description.hostname);
  const memory = nodes.map((description) => description.resources.memoryBytes);
  const cpus = nodes.map((description) => description.resources.nanoCpus);
  const most = Math.max(...memory);
  if (limits.memoryBytes > most && !memory.includes(0)) {
    const has = nodes.length === 1 ? `${hostNames(names)} only ${sizeText(most)}` : `${hostNames(names)} more than ${sizeText(most)}`;
    yield invalid(
      `${at}: the memory limit of ${sizeText(limits.memoryBytes)} cannot be had: ${has}`,
      'Lower deploy.resources.limits.memory (mem_limit)',
    );
  }
  const mostCpus = Math.max(...cpus);
  if (limits.nanoCpus > mostCpus && !cpus.includes(0)) {
    const has =
      nodes.length === 1 ? `${hostNames(names)} only ${cpusText(mostCpus)}` : `${hostNames(names)} more than ${cpusText(mostCpus)}`;
    yield invalid(`${at}: the limit of ${cpusText(limits.nanoCpus)} cannot be had: ${has}`, 'Lower deploy.resources.limits.cpus (cpus)');
  }
};

/** One thing that is reserved, with how much of it a node has in all; undefined: it does not say. */
interface Wanted {
  readonly what: string;
  readonly wanted: number;
  readonly has: (node: Node) => number | undefined;
  readonly text: (amount: number) => string;
  readonly key: string;
}

const genericCount = ({ count, ids }: GenericResource): number => (ids.length > 0 ? ids.length : count);

const orUnknown = (amount: number): number | undefined => (amount === 0 ? undefined : amount);

const wantedOf = ({ reservations, generic }: ServiceSpec['task']): readonly Wanted[] => {
  const { memoryBytes, nanoCpus } = reservations;
  const own: readonly Wanted[] = [
    {
      what: `the reservation of ${sizeText(memoryBytes)} of memory`,
      wanted: memoryBytes,
      has: ({ description }) => orUnknown(description.resources.memoryBytes),
      text: sizeText,
      key: 'memory',
    },
    {
      what: `the reservation of ${cpusText(nanoCpus)}`,
      wanted: nanoCpus,
      has: ({ description }) => orUnknown(description.resources.nanoCpus),
      text: cpusText,
      key: 'cpus',
    },
  ];
  const others = generic.map(({ kind, count }): Wanted => {
    const has = ({ description }: Node): number =>
      description.generic.filter((each) => each.kind === kind).reduce((sum, each) => sum + genericCount(each), 0);
    return {
      what: `the reservation of ${count} ${kind}`,
      wanted: count,
      has,
      text: (amount) => `${amount} ${kind}`,
      key: 'generic_resources',
    };
  });
  return [...own, ...others];
};

const isAtMost = (wanted: number, has: number | undefined): boolean => has === undefined || wanted <= has;

const neverFits = (message: string, key: string, largest: Node): TsoError =>
  new TsoError('FAILED_PRECONDITION', message, {
    hint: `Lower deploy.resources.reservations.${key}, or let a larger node join first`,
    details: { outcome: 'refused', node: largest.id },
  });

/**
 * A reservation that is larger than any node of the cluster, those included that are down just now, waits for ever. Where no node is ready nothing
 * is known of the cluster yet.
 */
const reservationProblems = function* (view: View, at: string, task: ServiceSpec['task']): Problems {
  const nodes = view.nodes().filter(({ removing }) => !removing);
  if (!nodes.some(({ state }) => state === NodeState.NODE_READY)) return;
  const wanted = wantedOf(task).filter((each) => each.wanted > 0);
  let isTold = false;
  for (const each of wanted) {
    if (nodes.some((node) => isAtMost(each.wanted, each.has(node)))) continue;
    const largest = nodes.reduce((most, node) => ((each.has(node) ?? 0) > (each.has(most) ?? 0) ? node : most));
    const has = each.has(largest) ?? 0;
    const most = has === 0 ? 'no node has any' : `the largest node, ${largest.description.hostname}, has ${each.text(has)}`;
    isTold = true;
    yield neverFits(`${at}: ${each.what} fits on no node: ${most}`, each.key, largest);
  }
  if (isTold || wanted.length < 2 || nodes.some((node) => wanted.every((each) => isAtMost(each.wanted, each.has(node))))) return;
  const largest = nodes.reduce((most, node) => (fitting(wanted, node) > fitting(wanted, most) ? node : most));
  const [asked, has] = [(each: Wanted) => each.wanted, (each: Wanted) => each.has(largest) ?? 0].map((amount) =>
    wanted.map((each) => each.text(amount(each))).join(' and '),
  );
  const most = `the largest node, ${largest.description.hostname}, has ${has}`;
  yield neverFits(`${at}: the reservation of ${asked} together fits on no node: ${most}`, wanted[0]?.key ?? 'memory', largest);
};

/** How many of these a node has enough of. */
const fitting = (wanted: readonly Wanted[], node: Node): number => wanted.filter((each) => isAtMost(each.wanted, each.has(node))).length;

const figureProblems = function* (at: string, { limits, reservations, generic }: ServiceSpec['task']): Problems {
  for (const [word, resources] of [
    ['limit', limits],
    ['reservation', reservations],
  ] as const) {
    const { memoryBytes, nanoCpus, pids } = resources;
    const wrong = [memoryBytes, nanoCpus, pids].find((amount) => !isCount(amount));
    if (wrong !== undefined) yield invalid(`${at}: a ${word} cannot be ${wrong}`, 'Give a number above 0, or leave it out');
    else if (memoryBytes !== 0 && memoryBytes < minMemoryBytes)
      yield invalid(`${at}: a memory ${word} of ${sizeText(memoryBytes)} is too little`, `Give at least ${sizeText(minMemoryBytes)}`);
    else if (nanoCpus !== 0 && nanoCpus < minNanoCpus)
      yield invalid(`${at}: a CPU ${word} of ${nanoCpus / 1e9} is too little`, 'Give at least 0.001');
  }
  for (const [key, what] of [
    ['memoryBytes', 'memory'],
    ['nanoCpus', 'CPU'],
  ] as const) {
    if (limits[key] > 0 && reservations[key] > limits[key]) yield invalid(`${at}: more ${what} is reserved than the limit allows`);
  }
  if (generic.length > mostGenericKinds)
    yield invalid(`${at}: ${generic.length} kinds of generic resources are more than the ${mostGenericKinds} that a service may reserve`);
  for (const kind of duplicates(generic.map((each) => each.kind)))
    yield invalid(`${at}: ${kind} is reserved twice`, 'Say one number for it');
  for (const { kind, count, ids } of generic) {
    if (!kindPattern.test(kind))
      yield invalid(`${at}: "${kind}" cannot be the kind of a generic resource`, 'Use letters, digits, dots, dashes and underscores');
    if (!isCount(count) || count === 0 || ids.length > 0)
      yield invalid(`${at}: of ${kind} a number above 0 is reserved, not ${ids.length > 0 ? ids.join(', ') : count}`);
  }
};

/** What is wrong with what a service is to have of its nodes. */
export const resourceProblems = function* (view: View, stack: string, at: string, { name, task }: ServiceSpec): Problems {
  const figures = [...figureProblems(at, task)];
  yield* figures;
  yield* limitProblems(view, at, task.limits);
  // What is wrong in itself need not be compared with nodes; what was accepted before waits, with the reason, should the cluster have become smaller.
  const there = serviceNamed(view, stack, name)?.spec.task;
  const isKnown = there !== undefined && sameData(there.reservations, task.reservations) && sameData(there.generic, task.generic);
  if (figures.length === 0 && !isKnown) yield* reservationProblems(view, at, task);
};
