import { formatCidr, formatCidr6 } from '@tso/proto';
import type { WishedNetwork } from './plan.ts';
import { type Attachment, defaultAttachment } from './task-interfaces.ts';

/** How this host reaches the tasks of published ports: the ingress network, and its own address there. */
export interface IngressWay {
  /** CIDR. */
  readonly subnet: string;
  /** Empty: it has none yet, so that tasks of other hosts cannot answer it. */
  readonly address: string;
  /** Empty: IPv4 only. */
  readonly subnet6: string;
  readonly address6: string;
}

/** Undefined: no service of the cluster publishes a port that every node answers on, or its network is not there. */
export const ingressWay = (networks: readonly WishedNetwork[]): IngressWay | undefined => {
  const network = networks.find((one) => one.ingress);
  if (network === undefined) return undefined;
  return {
    subnet: formatCidr(network.subnet),
    address: network.own?.address ?? '',
    subnet6: network.subnet6 === undefined ? '' : formatCidr6(network.subnet6),
    address6: network.own?.address6 ?? '',
  };
};

/**
 * Where a task of this host is asked so that whatever it answers comes back here, and it may see the client's own address: on the network of its default
 * route. A UDP server answers from the address of that route, whatever address it was asked at. Undefined: it has no way out, or not through this host.
 */
export const answeringAddress = (
  attachments: readonly Attachment[],
): { readonly address: string; readonly address6: string } | undefined => {
  const chosen = defaultAttachment(attachments);
  return chosen?.resolves === true ? { address: chosen.address, address6: chosen.address6 } : undefined;
};

/**
 * Rules of the postrouting chain. Who is asked on the ingress network sees this host's address there, since the answer has to come back here: tasks of other
 * hosts, and those of this one that have no other way to answer.
 */
export const ingressLeaveRules = (way: IngressWay | undefined): readonly string[] => {
  if (way === undefined) return [];
  return [
    ...(way.address === '' ? [] : [`ct status dnat ip daddr ${way.subnet} snat ip to ${way.address}`]),
    ...(way.subnet6 === '' || way.address6 === '' ? [] : [`ct status dnat ip6 daddr ${way.subnet6} snat ip6 to ${way.address6}`]),
  ];
};

/** Published ports are those of the host's addresses outside: one on the ingress network is for forwarding alone. */
export const ingressNotHere = (way: IngressWay | undefined): readonly string[] => {
  if (way === undefined) return [];
  return [`ip daddr ${way.subnet} return`, ...(way.subnet6 === '' ? [] : [`ip6 daddr ${way.subnet6} return`])];
};
