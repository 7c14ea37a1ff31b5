import { nft } from '../hosts/wires.ts';
import type { LabHost } from './lab-host.ts';

/** Rules of others, as they leave them on a host where they do what they are for. */

/** Docker 20.10 with its default bridge: what iptables-save prints there. */
const docker = `*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-ISOLATION-STAGE-2 - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i docker0 -o docker0 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
-A DOCKER-ISOLATION-STAGE-2 -j RETURN
-A DOCKER-USER -j RETURN
COMMIT
`;

/** firewalld 1.3 with nftables and eth0 in the zone public, where the ports of a cluster were opened as its guide says. */
const firewalld = `table inet firewalld {
  chain mangle_PREROUTING {
    type filter hook prerouting priority mangle + 10; policy accept;
  }
  chain nat_POSTROUTING {
    type nat hook postrouting priority srcnat + 10; policy accept;
  }
  chain filter_INPUT {
    type filter hook input priority filter + 10; policy accept;
    ct state { established, related } accept
    ct status dnat accept
    iifname "lo" accept
    ct state invalid drop
    jump filter_INPUT_ZONES
    reject with icmpx admin-prohibited
  }
  chain filter_FORWARD {
    type filter hook forward priority filter + 10; policy accept;
    ct state { established, related } accept
    ct status dnat accept
    iifname "lo" accept
    ct state invalid drop
    jump filter_FORWARD_ZONES
    reject with icmpx admin-prohibited
  }
  chain filter_INPUT_ZONES {
    iifname "eth0" goto filter_IN_public
  }
  chain filter_FORWARD_ZONES {
  }
  chain filter_IN_public {
    tcp dport 22 ct state { new, untracked } accept
    tcp dport 2478 ct state { new, untracked } accept
    udp dport 4789 ct state { new, untracked } accept
    meta l4proto { icmp, ipv6-icmp } accept
  }
}
`;

export type FirewallKind = 'docker' | 'docker-legacy' | 'firewalld';

/** Makes the rules of that program on a host, and its bridge where it has one. */
export const makeFirewall = async (host: LabHost, kind: FirewallKind): Promise<void> => {
  if (kind === 'firewalld') {
    await host.run(nft, ['-f', '-'], { input: firewalld });
    return;
  }
  await host.run('ip', ['link', 'add', 'docker0', 'type', 'bridge']);
  await host.run('ip', ['address', 'add', '172.17.0.1/16', 'dev', 'docker0']);
  await host.run('ip', ['link', 'set', 'docker0', 'up']);
  await host.run(kind === 'docker' ? 'iptables-restore' : 'iptables-legacy-restore', [], { input: docker });
};

/** What its administrator types to let networks through, and what takes that back. firewalld's own program writes these rules for a trusted zone. */
export const firewallCures: Readonly<Record<FirewallKind, { readonly told: RegExp; readonly take: string; readonly takeBack: string }>> = {
  docker: {
    told: /^the firewall ip filter\/FORWARD .*: iptables -I DOCKER-USER -i tso\+ -j ACCEPT && iptables -I DOCKER-USER -o tso\+ -j ACCEPT$/,
    take: 'iptables -I DOCKER-USER -i tso+ -j ACCEPT && iptables -I DOCKER-USER -o tso+ -j ACCEPT',
    takeBack: 'iptables -D DOCKER-USER -i tso+ -j ACCEPT && iptables -D DOCKER-USER -o tso+ -j ACCEPT',
  },
  'docker-legacy': {
    told: /^the firewall iptables-legacy FORWARD .*: iptables-legacy -I DOCKER-USER -i tso\+ -j ACCEPT && iptables-legacy -I DOCKER-USER -o tso\+ -j ACCEPT$/,
    take: 'iptables-legacy -I DOCKER-USER -i tso+ -j ACCEPT && iptables-legacy -I DOCKER-USER -o tso+ -j ACCEPT',
    takeBack: 'iptables-legacy -D DOCKER-USER -i tso+ -j ACCEPT && iptables-legacy -D DOCKER-USER -o tso+ -j ACCEPT',
  },
  firewalld: {
    told: /^the firewall inet firewalld\/filter_(INPUT|FORWARD) .*: firewall-cmd --permanent --zone=trusted --add-interface=tso\+ && firewall-cmd --reload/,
    take: `for chain in INPUT FORWARD; do ${nft} insert rule inet firewalld filter_\${chain}_ZONES iifname '"tso*"' accept; done`,
    takeBack: `${nft} flush chain inet firewalld filter_FORWARD_ZONES; ${nft} flush chain inet firewalld filter_INPUT_ZONES; ${nft} add rule inet firewalld filter_INPUT_ZONES iifname '"eth0"' goto filter_IN_public`,
  },
};

/** Tables of ours, as nft lists them. */
const ownTable = /^table inet tso\S* \{\n(.*\n)*?\}\n/gm;

/** All rules on a host that are not ours, without what they counted. */
export const rulesOfOthers = async (host: LabHost): Promise<string> => {
  const saved = await Promise.all(
    ['iptables-save', 'ip6tables-save', 'iptables-legacy-save'].map(async (program) =>
      (await host.run(program, [])).replaceAll(/^#.*\n/gm, '').replaceAll(/\[\d+:\d+\]/g, ''),
    ),
  );
  return [(await host.run(nft, ['-s', 'list', 'ruleset'])).replaceAll(ownTable, ''), ...saved].join('\n');
};
