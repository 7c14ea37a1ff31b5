import test from 'ava';
import { placesOf } from '../testing/memory-files.ts';
import { oneService, serviceOf, toldOf } from '../testing/spec-parts.ts';

const nets = 'networks: {a: {ipam: {config: [{subnet: 10.9.0.0/24, gateway: 10.9.0.1, aux_addresses: {nas: 10.9.0.7}}]}}, b: {}}\n';
const attached = (networks: string, more = '') => serviceOf(oneService(`networks: ${networks}${more}`, nets)).task.networks;
const told = (networks: string, more = '') => toldOf(oneService(`networks: ${networks}${more}`, nets)).join('\n');

test('aliases are each taken once, and the own name is none', (t) => {
  t.deepEqual(
    attached('{a: {aliases: [www, web, www]}, b: }').map(({ network, aliases }) => [network, aliases]),
    [
      ['project_a', ['www']],
      ['project_b', []],
    ],
  );
});

test('fixed addresses are taken where the network declares its subnet', (t) => {
  t.is(attached('{a: {ipv4_address: 10.9.0.5}}')[0]?.ipv4Address, '10.9.0.5');
  const six = oneService(
    'networks: {v6: {ipv6_address: "fd00::5"}}',
    'networks: {v6: {enable_ipv6: true, ipam: {config: [{subnet: "fd00::/64"}]}}}\n',
  );
  t.is(serviceOf(six).task.networks[0]?.ipv6Address, 'fd00::5');
  const outside = oneService('networks: {out: {ipv4_address: 10.1.1.1}}', 'networks: {out: {external: true}}\n');
  t.is(serviceOf(outside).task.networks[0]?.ipv4Address, '10.1.1.1');
});

test('an address that the network cannot grant is refused', (t) => {
  t.regex(told('{a: {ipv4_address: 10.8.0.5}}'), /E304 10\.8\.0\.5 is no address that a container can have in the subnet 10\.9\.0\.0\/24/);
  t.regex(told('{a: {ipv4_address: 10.9.0.0}}'), /E304/);
  t.regex(told('{a: {ipv4_address: 10.9.0.1}}'), /E305 .*which is its gateway/);
  t.regex(told('{a: {ipv4_address: 10.9.0.7}}'), /E305 .*which is reserved for nas/);
  t.regex(told('{b: {ipv4_address: 10.9.0.5}}'), /E306 .*only where the network b has a subnet of its own/);
  t.regex(told('{a: {ipv6_address: "fd00::1"}}'), /E306/);
  t.regex(told('{a: {ipv4_address: "fd00::1"}}'), /E202 'fd00::1' is not an IPv4 address/);
  t.regex(told('{a: {ipv4_address: 10.9.0.5}}', '\ndeploy: {replicas: 2}'), /E304 service web has 2 replicas/);
  t.regex(told('{a: {ipv4_address: 10.9.0.5}}', '\ndeploy: {mode: global}'), /E304 service web has a task on every node/);
});

test('two services cannot have one address', (t) => {
  const text = `services:\n  a: {image: i, networks: {a: {ipv4_address: 10.9.0.5}}}\n  b: {image: i, networks: {a: {ipv4_address: 10.9.0.5}}}\n${nets}`;
  t.deepEqual(placesOf(text), ['3:46 E305']);
});

test('gw_priority decides where it is said; else priority does', (t) => {
  const priorities = (networks: string) => attached(networks).map(({ priority }) => priority);
  t.deepEqual(priorities('{a: {priority: 5}, b: {priority: 10}}'), [5, 10]);
  t.deepEqual(priorities('{a: {priority: 5}, b: {gw_priority: -1}}'), [0, -1]);
});

test('a MAC address goes to the network it is said for, that of the service to the one with the default route', (t) => {
  const macs = (networks: string, more = '') => attached(networks, more).map(({ macAddress }) => macAddress);
  t.deepEqual(macs('{a: {mac_address: 02-42-AC-11-00-02}, b: }'), ['02:42:ac:11:00:02', '']);
  t.deepEqual(macs('{a: , b: {priority: 1}}', '\nmac_address: 02:42:ac:11:00:02'), ['', '02:42:ac:11:00:02']);
  t.regex(told('{a: {mac_address: 03:42:ac:11:00:02}}'), /E202/);
  t.regex(told('{a: {mac_address: 02:42}}'), /E202 '02:42' is not the MAC address of one device/);
  t.regex(told('{a: {mac_address: 02:42:ac:11:00:02}}', '\nscale: 3'), /E304/);
  const scaled = (max: string) => `\ndeploy: {x-tso-autoscale: {max: ${max}, cpu: 70%}}`;
  t.regex(told('{a: {mac_address: 02:42:ac:11:00:02}}', scaled('3')), /E304 service web may have several tasks/);
  t.regex(told('{a: {ipv4_address: 10.9.0.5}}', scaled('"3"')), /E304 service web has up to 3 tasks, which cannot share/);
  t.notRegex(told('{a: {mac_address: 02:42:ac:11:00:02}}', scaled('1')), /E304/);
});

test('what says nothing here is told', (t) => {
  t.regex(told('{a: {driver_opts: {x: y}}}'), /W400 driver_opts/);
});

test('interfaces have the names that were asked for, if a device can have them', (t) => {
  const names = (networks: string) => {
    const service = serviceOf(oneService(`networks: ${networks}`, 'networks: {a: , b: }\n'));
    return service.task.networks.map(({ interfaceName }) => interfaceName);
  };
  t.deepEqual(names('{a: {interface_name: net0}, b: }'), ['net0', '']);
  const said = (name: string): string => toldOf(oneService(`networks: {a: {interface_name: "${name}"}}`, 'networks: {a: }\n')).join();
  for (const name of ['a-name-of-16-let', 'a/b', 'a b', 'lo', '..', 'a:1', '_x', 'dns0'])
    t.regex(said(name), /E202 .*cannot be the name of a network device/, name);
  const twice = oneService('networks: {a: {interface_name: x0}, b: {interface_name: x0}}', 'networks: {a: , b: }\n');
  t.deepEqual(toldOf(twice), ['E305 service web has a device x0 on the network a already']);
});

test('further addresses of a task are passed on, unless the network itself gives them out', (t) => {
  const top = 'networks: {a: {ipam: {config: [{subnet: 10.9.0.0/24}]}}}\n';
  const file = (ips: string, more = ''): string => oneService(`networks: {a: {link_local_ips: [${ips}]}}${more}`, top);
  t.deepEqual(serviceOf(file('169.254.8.8, "fe80::8"')).task.networks[0]?.linkLocalIps, ['169.254.8.8', 'fe80::8']);
  t.regex(toldOf(file('here')).join(), /E202 'here' is not an IP address/);
  t.regex(toldOf(file('10.9.0.7')).join(), /E304 10.9.0.7 is an address that the network a gives out itself/);
  t.regex(toldOf(file('10.8.0.7')).join(), /E202 10.8.0.7 is not a link-local address/);
  t.regex(toldOf(file('169.254.8.8', '\nscale: 2')).join(), /E304 service web may have several tasks/);
});
