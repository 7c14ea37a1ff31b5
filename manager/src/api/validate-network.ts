import type { Network, NetworkSpec, StackSpec } from '@tso/proto';
import { containsAddress, containsBlock, overlaps, overlaps6, parseCidr, parseCidr6, parseIpv4, TsoError } from '@tso/proto';
import { ingressNetworkId, tunnelsNetworkId } from '../rules/network-kinds.ts';
import type { View } from '../store/view.ts';
import { nodeLabel } from './node-ref.ts';
import { networkSpecProblems } from './validate-network-spec.ts';
import { badName, duplicates, immutable, invalid, notThere, takenByOther } from './validate-shared.ts';

type Problems = Iterable<TsoError>;

const defaultSubnetPrefix = 24;

const overlap = (name: string, mine: string, theirs: string, other: string): TsoError =>
  new TsoError('CONFLICT', `network ${name}: subnet ${mine} overlaps ${theirs} of network ${other}`, {
    hint: 'Choose another subnet, or leave it out to have one chosen',
    details: { name, other },
  });

type Blocks = Pick<Network, 'subnet' | 'subnet6'> & { readonly name: string };

const blocksOf = ({ spec, subnet, subnet6 }: Network): Blocks => ({
  name: spec.name,
  subnet: subnet === '' ? spec.subnet : subnet,
  subnet6: subnet6 === '' && spec.enableIpv6 ? spec.subnet6 : subnet6,
});

const overlapProblems = function* (spec: NetworkSpec, others: readonly Blocks[]): Problems {
  const subnet = parseCidr(spec.subnet);
  const subnet6 = spec.enableIpv6 ? parseCidr6(spec.subnet6) : undefined;
  for (const other of others) {
    if (other.name === spec.name) continue;
    const theirs = parseCidr(other.subnet);
    const theirs6 = parseCidr6(other.subnet6);
    if (subnet !== undefined && theirs !== undefined && overlaps(subnet, theirs))
      yield overlap(spec.name, spec.subnet, other.subnet, other.name);
    else if (subnet6 !== undefined && theirs6 !== undefined && overlaps6(subnet6, theirs6))
      yield overlap(spec.name, spec.subnet6, other.subnet6, other.name);
  }
};

/** What the subnet would take from everyone: the way to a node, all that others get theirs from. */
const commonGroundProblems = function* (view: View, spec: NetworkSpec): Problems {
  const subnet = parseCidr(spec.subnet);
  if (subnet === undefined) return;
  const cluster = view.cluster();
  const pool = parseCidr(cluster?.addressPool ?? '');
  if (cluster !== undefined && pool !== undefined && containsBlock(subnet, pool)) {
    yield new TsoError('CONFLICT', `network ${spec.name}: subnet ${spec.subnet} takes all of the address pool ${cluster.addressPool}`, {
      hint: 'Choose a smaller one, or one outside the pool: other networks get their subnets from it',
    });
  }
  // Containers on a physical network are neighbours of the hosts: there it is meant.
  if (spec.driver === 'macvlan') return;
  for (const node of view.nodes()) {
    const address = parseIpv4(node.address);
    if (address === undefined || !containsAddress(subnet, address)) continue;
    yield new TsoError(
      'CONFLICT',
      `network ${spec.name}: subnet ${spec.subnet} holds the address ${node.address} of node ${nodeLabel(node)}`,
      {
        hint: 'Choose another subnet: tasks on this one could not reach that node, nor nodes each other',
      },
    );
    return;
  }
};

const ownName = (name: string): TsoError | undefined =>
  name === ingressNetworkId || name === tunnelsNetworkId
    ? invalid(`network ${name} is the cluster's own`, 'Give this one another name')
    : undefined;

/** What an external network of these names is to a compose file is the host's, no network, or the bridge of each node. */
const predefinedNames: readonly string[] = ['host', 'none', 'bridge'];

const newProblems = function* (view: View, spec: NetworkSpec, siblings: readonly NetworkSpec[]): Problems {
  if (predefinedNames.includes(spec.name))
    yield invalid(`network ${spec.name} could not be joined: compose files mean something else by that name`, 'Give this one another name');
  yield* networkSpecProblems(spec, view.cluster()?.subnetPrefix ?? defaultSubnetPrefix);
  const beside = siblings.filter((other) => !other.external && view.networkByName(other.name) === undefined);
  yield* overlapProblems(spec, [...view.networks().map(blocksOf), ...beside]);
  yield* commonGroundProblems(view, spec);
};

const networkProblem = function* (view: View, stack: StackSpec, spec: NetworkSpec): Problems {
  const own = ownName(spec.name);
  if (own !== undefined) {
    yield own;
    return;
  }
  const existing = view.networkByName(spec.name);
  if (spec.external) {
    if (existing === undefined || existing.removing) yield notThere('network', spec.name);
    return;
  }
  const bad = badName('network', spec.name);
  if (bad !== undefined) yield bad;
  if (existing !== undefined && existing.stack !== stack.name) {
    yield takenByOther('network', spec.name, existing.stack);
    return;
  }
  if (existing === undefined) yield* newProblems(view, spec, stack.networks);
  // What was accepted once stands, whatever came beside it since.
  else {
    const changed = immutable('network', existing.spec, spec);
    if (changed === undefined) return;
    yield* networkSpecProblems(spec, view.cluster()?.subnetPrefix ?? defaultSubnetPrefix);
    yield changed;
  }
};

/** What is wrong with the networks of a stack, by themselves and beside those that are there. */
export const networkProblems = function* (view: View, spec: StackSpec): Problems {
  for (const name of duplicates(spec.networks.map((network) => network.name))) yield invalid(`network ${name} is given twice`);
  for (const network of spec.networks) yield* networkProblem(view, spec, network);
};

/** Why no network of that spec can be made by hand, or undefined. CONFLICT: there is one of its name. */
export const newNetworkProblem = (view: View, spec: NetworkSpec): TsoError | undefined => {
  const { name } = spec;
  const bad = ownName(name) ?? badName('network', name);
  if (bad !== undefined) return bad;
  if (spec.external) return invalid(`network ${name}: one that is external is not made`, 'Leave external out');
  const existing = view.networkByName(name);
  if (existing !== undefined) {
    const state = existing.removing
      ? 'is still being removed'
      : existing.stack === ''
        ? 'exists already'
        : `belongs to stack ${existing.stack} already`;
    const hint = existing.removing ? 'Try again in a moment' : 'Choose another name, or use the one that is there';
    return new TsoError('CONFLICT', `network ${name} ${state}`, { hint, details: { name, owner: existing.stack, outcome: 'refused' } });
  }
  for (const problem of newProblems(view, spec, [])) return problem;
  return undefined;
};
