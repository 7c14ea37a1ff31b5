import type { NetworkSpec, StackSpec, VolumeSpec } from '@tso/proto';
import { containsAddress, overlaps, parseCidr, parseIpv4, TsoError } from '@tso/proto';
import { sameData } from '../store/equal.ts';
import type { View } from '../store/view.ts';

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

export const invalid = (message: string, hint?: string): TsoError =>
  new TsoError('INVALID_ARGUMENT', message, hint === undefined ? {} : { hint });

/** Names that occur more than once. */
export const duplicates = (names: readonly string[]): readonly string[] => [
  ...new Set(names.filter((name, index) => name !== '' && names.indexOf(name) !== index)),
];

/** Why a network, volume or config cannot have that name, or undefined. */
export const badName = (kind: string, name: string): TsoError | undefined =>
  namePattern.test(name)
    ? undefined
    : invalid(
        `"${name}" cannot be the name of a ${kind}`,
        'Use letters, digits, dots, dashes and underscores, beginning with a letter or digit',
      );

const takenByOther = (kind: string, name: string, owner: string): TsoError =>
  new TsoError('CONFLICT', `${kind} ${name} belongs to ${owner === '' ? 'no stack' : `stack ${owner}`} already`, {
    hint: `Mark it external: true to use it, or give this one another name`,
    details: { name, owner },
  });

const notThere = (kind: string, name: string): TsoError =>
  new TsoError('NOT_FOUND', `external ${kind} ${name} does not exist`, {
    hint: `Apply the stack first that makes this ${kind}, or leave external out to have this one make it`,
    details: { name },
  });

/** What may change on a network or volume that is there; the rest is baked into it. */
const immutable = (kind: string, name: string): TsoError =>
  new TsoError('FAILED_PRECONDITION', `${kind} ${name} exists with other settings, and these cannot change while it exists`, {
    hint:
      kind === 'volume'
        ? 'Take the stack down with its volumes (tso down -v), or give the volume another name'
        : 'Take the stack down first (tso down)',
    details: { name },
  });

const subnetProblems = function* (view: View, spec: NetworkSpec): Iterable<TsoError> {
  if (spec.subnet === '') {
    if (spec.gateway !== '')
      yield invalid(`network ${spec.name}: a gateway needs a subnet`, 'Give ipam.config a subnet, or leave the gateway out');
    return;
  }
  const subnet = parseCidr(spec.subnet);
  if (subnet === undefined || subnet.prefix < 8 || subnet.prefix > 29) {
    yield invalid(`network ${spec.name}: "${spec.subnet}" is not an IPv4 subnet between /8 and /29`, 'Write it like 10.20.0.0/24');
    return;
  }
  const gateway = parseIpv4(spec.gateway);
  if (spec.gateway !== '' && (gateway === undefined || !containsAddress(subnet, gateway))) {
    yield invalid(`network ${spec.name}: gateway ${spec.gateway} is not an address of ${spec.subnet}`);
  }
  for (const other of view.networks()) {
    const block = parseCidr(other.subnet === '' ? other.spec.subnet : other.subnet);
    if (block === undefined || other.spec.name === spec.name || !overlaps(block, subnet)) continue;
    yield new TsoError('CONFLICT', `network ${spec.name}: subnet ${spec.subnet} overlaps ${other.subnet} of network ${other.spec.name}`, {
      hint: 'Choose another subnet, or leave it out to have one chosen',
    });
  }
};

const networkProblem = function* (view: View, stack: string, spec: NetworkSpec): Iterable<TsoError> {
  const existing = view.networkByName(spec.name);
  if (spec.external) {
    if (existing === undefined || existing.removing) yield notThere('network', spec.name);
    return;
  }
  const bad = badName('network', spec.name);
  if (bad !== undefined) yield bad;
  if (existing !== undefined && existing.stack !== stack) {
    yield takenByOther('network', spec.name, existing.stack);
    return;
  }
  if (existing !== undefined && !sameData({ ...existing.spec, labels: {} }, { ...spec, labels: {} })) yield immutable('network', spec.name);
  yield* subnetProblems(view, spec);
};

export const networkProblems = function* (view: View, spec: StackSpec): Iterable<TsoError> {
  for (const name of duplicates(spec.networks.map((network) => network.name))) yield invalid(`network ${name} is given twice`);
  for (const network of spec.networks) yield* networkProblem(view, spec.name, network);
};

const volumeProblem = function* (view: View, stack: string, spec: VolumeSpec): Iterable<TsoError> {
  const existing = view.volumeByName(spec.name);
  if (spec.external) {
    if (existing === undefined || existing.removing) yield notThere('volume', spec.name);
    return;
  }
  const bad = badName('volume', spec.name);
  if (bad !== undefined) yield bad;
  if (existing === undefined) return;
  if (existing.stack !== stack) yield takenByOther('volume', spec.name, existing.stack);
  else if (existing.removing) {
    yield new TsoError('FAILED_PRECONDITION', `volume ${spec.name} is being removed with its data`, {
      hint: 'Try again when the removal is done, in a moment',
    });
  } else if (!sameData({ ...existing.spec, labels: {} }, { ...spec, labels: {} })) yield immutable('volume', spec.name);
};

export const volumeProblems = function* (view: View, spec: StackSpec): Iterable<TsoError> {
  for (const name of duplicates(spec.volumes.map((volume) => volume.name))) yield invalid(`volume ${name} is given twice`);
  for (const volume of spec.volumes) yield* volumeProblem(view, spec.name, volume);
};
