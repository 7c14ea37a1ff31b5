import type { Network, StackSpec } from '@tso/proto';
import { EndpointMode, parseCidr } from '@tso/proto';
import { gatewayOf } from '../rules/address-space.ts';
import { addressUses, fillingText } from '../rules/address-use.ts';
import { hasVips } from '../rules/network-kinds.ts';
import { desiredCount } from '../rules/places.ts';
import { isLive } from '../rules/task-facts.ts';
import type { Draft } from '../store/transaction.ts';
import type { View } from '../store/view.ts';

/** How many addresses the services of the stack ask for beyond those that they have on that network. */
const askedMore = (before: View, draft: Draft, stack: string, name: string): number => {
  const network = draft.networkByName(name);
  return draft
    .servicesOfStack(stack)
    .filter(({ removing, spec }) => !removing && spec.task.networkMode === '' && spec.task.networks.some((each) => each.network === name))
    .reduce((sum, service) => {
      const has = before
        .tasksOfService(service.id)
        .filter((task) => isLive(task) && task.networks.some(({ networkId }) => networkId === network?.id)).length;
      const hasVip = service.vips.some(({ networkId }) => networkId === network?.id);
      const isVip = service.spec.endpointMode === EndpointMode.VIP && (network === undefined || hasVips(network)) && !hasVip;
      return sum + Math.max(0, desiredCount(draft, service) - has) + (isVip ? 1 : 0);
    }, 0);
};

const defaultSubnetPrefix = 24;

/** The network as it will be once it has its subnet: that of its spec, or one of the usual size. */
const asDecided = (view: View, network: Network): Network => {
  if (network.subnet !== '') return network;
  const subnet = network.spec.subnet || `0.0.0.0/${view.cluster()?.subnetPrefix ?? defaultSubnetPrefix}`;
  const block = parseCidr(subnet);
  return block === undefined ? network : { ...network, subnet, gateway: gatewayOf(network.spec, block) };
};

/** A sentence for each network of the stack whose addresses run out with what is wished now. */
export const fillingNetworks = (before: View, draft: Draft, { name: stack, networks }: StackSpec): readonly string[] => {
  const known = networks.flatMap(({ name }) => draft.networkByName(name) ?? []).map((network) => asDecided(before, network));
  const uses = addressUses(before, known);
  return known.flatMap((network) => {
    const use = uses.get(network.id);
    if (use === undefined) return [];
    const { name, subnet, ipRange } = network.spec;
    const where = ipRange || subnet || network.subnet.replace('0.0.0.0/', 'a subnet of /');
    const text = fillingText(name, where, use, askedMore(before, draft, stack, name));
    return text === '' ? [] : [text];
  });
};
