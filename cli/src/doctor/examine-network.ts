import { formatCidr, overlaps, parseCidr } from '@tso/proto';
import type { HostFacts } from './facts.ts';
import { type Finding, finding } from './finding.ts';
import { type RuleKind, ruleKinds } from './network-facts.ts';

type Check = (facts: HostFacts) => readonly Finding[];

/** IPv4 20, UDP 8, VXLAN 8 and the inner Ethernet header 14 bytes (RFC 7348). */
const vxlanOverheadBytes = 50;
const usualMtu = 1_500;
/** What the daemon takes when it is not told another. */
const usualPool = '10.128.0.0/12';
/** Routing protocol number of our own routes. */
const ownProtocol = '116';

const ruleFinding = (kind: RuleKind, taken: boolean | undefined): Finding => {
  const check = `rules ${kind}`;
  const { need, without, module } = ruleKinds[kind];
  if (taken === true) return finding(check, 'ok', 'there');
  if (taken === undefined) return finding(check, 'warn', 'could not be tried', 'Run it again as root, with nftables installed.');
  const fix = module === '' ? 'Use a newer kernel: from 5.16 on.' : `Load it: modprobe ${module}; or use nftables 1.0 or later.`;
  return finding(check, need === 'must' ? 'fail' : 'warn', `not taken: ${without}`, fix);
};

const rules: Check = ({ network }) => (Object.keys(ruleKinds) as RuleKind[]).map((kind) => ruleFinding(kind, network.rules[kind]));

const wireguard: Check = ({ network }) => {
  if (network.wireguard === true) return [finding('network wireguard', 'ok', 'there')];
  if (network.wireguard === undefined) return [finding('network wireguard', 'warn', 'could not be tried', 'Run it again as root.')];
  const text = 'the kernel does not make it: networks with encrypted: "true" are refused on this host';
  return [finding('network wireguard', 'warn', text, 'Load it: modprobe wireguard')];
};

const ipv6: Check = ({ network: { ipv6Disabled } }) => {
  if (ipv6Disabled === '0') return [finding('ipv6', 'ok', 'there')];
  const text = ipv6Disabled === undefined ? 'the kernel has none' : 'switched off';
  return [
    finding(
      'ipv6',
      'warn',
      `${text}: networks with enable_ipv6 cannot be had on this host`,
      ipv6Disabled === undefined
        ? 'Boot without ipv6.disable=1, if it is wanted.'
        : 'Switch it on, if it is wanted: sysctl -w net.ipv6.conf.all.disable_ipv6=0',
    ),
  ];
};

/** Ports are only translated, so that no SCTP socket is needed; but the kernel has to know what a connection is. */
const sctp: Check = ({ network: { conntrack, sctpConntrack } }) => {
  if (sctpConntrack) return [finding('sctp', 'ok', 'connections are tracked')];
  if (!conntrack) return [finding('sctp', 'ok', 'seen once connections are tracked here')];
  return [
    finding(
      'sctp',
      'warn',
      'its connections are not tracked: SCTP ports cannot be published',
      'Use a kernel with CONFIG_NF_CT_PROTO_SCTP, if it is wanted.',
    ),
  ];
};

/** The daemon knows better, once it runs: it reads the rules too, and what iptables-legacy has. */
const firewalls: Check = ({ network: { forwardDrops }, cluster }) => {
  if (cluster !== undefined) return [];
  if (forwardDrops === undefined) return [finding('firewalls', 'warn', 'could not be looked at', 'Run it again as root.')];
  if (forwardDrops.length === 0) return [finding('firewalls', 'ok', 'none drops what passes through this host')];
  return forwardDrops.map((chain) =>
    finding(
      'firewalls',
      'warn',
      `${chain} drops what passes through this host unless a rule lets it: containers reach nothing outside`,
      'Let the devices tso* through, in and out; with Docker: iptables -I DOCKER-USER -i tso+ -j ACCEPT; iptables -I DOCKER-USER -o tso+ -j ACCEPT',
    ),
  );
};

/** What the daemon itself says, such as a program that has a published port. */
const troubles: Check = ({ cluster }) => (cluster?.troubles ?? []).map((trouble) => finding('network', 'warn', trouble));

const underlay: Check = ({ network: { devices }, cluster }) => {
  const address = cluster?.address ?? '';
  const device = devices.find(({ addresses }) => address !== '' && addresses.includes(address));
  if (device === undefined) return [];
  const text = `${device.name} has ${device.mtu}, so that networks have ${device.mtu - vxlanOverheadBytes}`;
  if (device.mtu >= usualMtu) return [finding('mtu', 'ok', text)];
  return [
    finding(
      'mtu',
      'warn',
      `${text}: networks over hosts with different ones lose large packets`,
      `Give all hosts the same, or networks a smaller one: driver_opts: { mtu: "${device.mtu - vxlanOverheadBytes}" }.`,
    ),
  ];
};

/** Where a host's own route is narrower than the pool, networks that get that subnet cannot be reached, or take the host's way from it. */
const pool: Check = ({ network: { routes }, cluster }) => {
  const text = cluster === undefined || cluster.addressPool === '' ? usualPool : cluster.addressPool;
  const block = parseCidr(text);
  if (block === undefined) return [];
  const meeting = routes.flatMap(({ destination, device, protocol }) => {
    if (protocol === ownProtocol || device.startsWith('tso') || destination === 'default') return [];
    const other = parseCidr(destination.includes('/') ? destination : `${destination}/32`);
    return other !== undefined && other.prefix > 0 && overlaps(block, other) ? [`${formatCidr(other)} by ${device}`] : [];
  });
  if (meeting.length === 0) return [finding('address pool', 'ok', `${text} meets no route of this host`)];
  return [
    finding(
      'address pool',
      'warn',
      `${text} meets routes of this host: ${meeting.join(', ')}`,
      cluster === undefined || cluster.addressPool === ''
        ? 'Choose another pool for the cluster: tso init --address-pool 10.64.0.0/12'
        : 'Give networks subnets that meet none of them (ipam), or the hosts other routes.',
    ),
  ];
};

const checks: readonly Check[] = [rules, wireguard, ipv6, sctp, firewalls, underlay, pool, troubles];

/** Everything that networks need of a host beside programs and devices, in a fixed order. */
export const examineNetwork = (facts: HostFacts): readonly Finding[] => checks.flatMap((check) => check(facts));
