import { formatCidr6 } from '@tso/proto';
import { cidrText } from './address.ts';
import type { WishedNetwork } from './plan.ts';

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
    subnet: cidrText(network.subnet),
    address: network.own?.address ?? '',
    subnet6: network.subnet6 === undefined ? '' : formatCidr6(network.subnet6),
    address6: network.own?.address6 ?? '',
  };
};

/**
 * Rules of the postrouting chain. A task of this host sees the client's own address. One of another host sees this host's, since its answer has to come
 * back here; so does one of this host when the client is a loopback address or a task itself, which it might answer directly.
 * @param inner blocks of the host's own networks
 */
export const ingressLeaveRules = (way: IngressWay | undefined, inner: readonly string[]): readonly string[] => {
  if (way === undefined) return [];
  // By the port that was asked for: the task's own may be many ports'.
  const own = (['tcp', 'udp', 'sctp'] as const).map(
    (protocol) => `meta l4proto ${protocol} ct original proto-dst vmap @own_${protocol}_lanes`,
  );
  const four = `ct status dnat ip daddr ${way.subnet}`;
  const six = `ct status dnat ip6 daddr ${way.subnet6}`;
  const rules = [
    ...(way.address === ''
      ? []
      : [
          `${four} ip saddr { ${['127.0.0.0/8', ...inner].join(', ')} } snat ip to ${way.address}`,
          ...own.map((rule) => `${four} ${rule}`),
          `${four} snat ip to ${way.address}`,
        ]),
    ...(way.subnet6 === '' || way.address6 === ''
      ? []
      : [`${six} ip6 saddr ::1 snat ip6 to ${way.address6}`, ...own.map((rule) => `${six} ${rule}`), `${six} snat ip6 to ${way.address6}`]),
  ];
  return rules;
};

/** Published ports are those of the host's addresses outside: one on the ingress network is for forwarding alone. */
export const ingressNotHere = (way: IngressWay | undefined): readonly string[] => {
  if (way === undefined) return [];
  return [`ip daddr ${way.subnet} return`, ...(way.subnet6 === '' ? [] : [`ip6 daddr ${way.subnet6} return`])];
};
