import {
  type CreateNetworkReply,
  type CreateNetworkRequest,
  type Network,
  newId,
  newNetwork,
  type Random,
  type RemoveNetworkReply,
  type RemoveNetworkRequest,
} from '@tso/proto';
import type { CallContext, Control as ControlService, Handlers } from '@tso/proto/rpc';
import type { Proposer } from '../replication/proposer.ts';
import { putAction } from '../store/kinds.ts';
import type { View } from '../store/view.ts';
import { networkOf } from './network-ref.ts';
import { removalProblem } from './network-rules.ts';
import { listNetworks, networkView } from './network-view.ts';
import { newNetworkProblem } from './validate-network.ts';
import type { WriteWish } from './writes.ts';

export interface NetworksPorts {
  readonly proposer: Proposer;
  readonly random: Random;
  /** Stacks make networks too: no name and no subnet is found free twice. */
  readonly write: WriteWish<'createNetwork' | 'removeNetwork'>;
}

type NetworkHandlers = Pick<Handlers<typeof ControlService>, 'createNetwork' | 'getNetwork' | 'listNetworks' | 'removeNetwork'>;

/** Its subnet and numbers come from the planner, in a moment. */
const create = async (
  { proposer, write, random }: NetworksPorts,
  request: CreateNetworkRequest,
  context: CallContext,
): Promise<CreateNetworkReply> => {
  const { spec } = request;
  return write({ context, method: 'createNetwork', request, target: `network ${spec.name}` }, () => {
    const { view } = proposer;
    const problem = newNetworkProblem(view, spec);
    if (problem !== undefined) throw problem;
    const network: Network = { ...newNetwork, id: newId((count) => random.bytes(count)), spec };
    return { actions: [putAction.network(network)], reply: { network } };
  });
};

/** It is flagged, and goes with the next plan: whoever asks again while it goes is told the same. */
const remove = async (
  { proposer, write }: NetworksPorts,
  request: RemoveNetworkRequest,
  context: CallContext,
): Promise<RemoveNetworkReply> =>
  write({ context, method: 'removeNetwork', request, target: `network ${request.network}` }, () => {
    const { view } = proposer;
    const network = networkOf(view, request.network);
    const { name } = network.spec;
    if (network.removing) return { actions: [], reply: { name } };
    const problem = removalProblem(view, network);
    if (problem !== undefined) throw problem;
    return { actions: [putAction.network({ ...network, removing: true })], reply: { name } };
  });

/** Networks beside those that stacks make for themselves. A change is answered once it is durable and can be read. */
export const networkHandlers = (ports: NetworksPorts): NetworkHandlers => {
  const read = async <T>(of: (view: View) => T): Promise<T> => {
    await ports.proposer.fresh();
    return of(ports.proposer.view);
  };
  return {
    createNetwork: (request, context) => create(ports, request, context),
    getNetwork: ({ network }) => read((view) => networkView(view, networkOf(view, network))),
    listNetworks: () => read(listNetworks),
    removeNetwork: (request, context) => remove(ports, request, context),
  };
};
