import { emptyNetworkSpec } from '@tso/proto';
import test from 'ava';
import { placesOf, saidOf, specOf } from '../testing/memory-files.ts';
import { networkOf, oneService, serviceOf, toldOf } from '../testing/spec-parts.ts';

/** A file of one service on the network `net`, which is declared so. */
const withNetwork = (network: string): string => oneService('networks: [net]', `networks:\n  net: ${network}\n`);
const net = (network: string) => networkOf(withNetwork(network), 'project_net');

test('a network is an overlay unless it says otherwise, and carries what the file says of it', (t) => {
  t.deepEqual(net('{}'), { ...emptyNetworkSpec, name: 'project_net' });
  t.like(net('{internal: true, attachable: true, labels: {a: b}, driver: overlay}'), {
    driver: 'overlay',
    internal: true,
    attachable: true,
    labels: { a: 'b' },
  });
});

test('the default network can be declared otherwise', (t) => {
  const text = oneService('tty: true', 'networks: {default: {internal: true, ipam: {config: [{subnet: 10.9.0.0/24}]}}}\n');
  t.like(networkOf(text, 'project_default'), { internal: true, subnet: '10.9.0.0/24' });
  t.is(specOf(text).networks.length, 1);
});

test('subnets of both families, ranges, gateways and reserved addresses are taken over', (t) => {
  const found = net(`
    enable_ipv6: true
    ipam:
      driver: default
      config:
        - subnet: 10.20.0.0/16
          ip_range: 10.20.5.0/24
          gateway: 10.20.5.254
          aux_addresses: {printer: 10.20.0.9}
        - subnet: FD00:20::/64
          gateway: fd00:20::1
          aux_addresses: {printer6: "fd00:20::9"}`);
  t.like(found, {
    enableIpv6: true,
    subnet: '10.20.0.0/16',
    ipRange: '10.20.5.0/24',
    gateway: '10.20.5.254',
    subnet6: 'fd00:20::/64',
    gateway6: 'fd00:20::1',
    reserved: { printer: '10.20.0.9', printer6: 'fd00:20::9' },
  });
});

test('what does not fit a subnet is refused where it is written', (t) => {
  const told = (config: string, more = ''): readonly string[] =>
    saidOf(withNetwork(`{${more}ipam: {config: [${config}]}}`)).map(({ code, path, message }) => `${code} ${path} ${message}`);
  t.deepEqual(told('{subnet: 10.20.0.0/24, gateway: 10.21.0.1}'), [
    'E304 networks.net.ipam.config[0].gateway the gateway 10.21.0.1 is no address that a host can have in the subnet 10.20.0.0/24',
  ]);
  t.regex(told('{subnet: 10.20.0.0/24, gateway: 10.20.0.255}').join(), /no address that a host can have/);
  t.regex(told('{subnet: 10.20.0.0/24, ip_range: 10.20.0.0/16}').join(), /E304 .*the ip_range 10\.20\.0\.0\/16 is not inside/);
  t.regex(told('{subnet: 10.20.0.0/24, aux_addresses: {a: "fd00::1"}}').join(), /E304 .*aux_addresses\.a/);
  t.regex(told('{subnet: 10.20.0.0/24, gateway: router}').join(), /E202 .*'router' is not an IP address/);
  t.regex(told('{subnet: 10.20.0/24}').join(), /E202 .*'10\.20\.0\/24' is not a subnet/);
  t.regex(told('{subnet: 10.20.0.0/30}').join(), /E402 .*cannot have the subnet 10\.20\.0\.0\/30/);
  t.regex(told('{gateway: 10.20.0.1}').join(), /E306 .*gateway of the network net needs a subnet/);
  t.regex(told('{subnet: "fd00::/64"}').join(), /E304 .*IPv6 is not enabled on it/);
  t.regex(told('{subnet: 10.20.0.0/24}, {subnet: 10.21.0.0/24}').join(), /E401 .*a second IPv4 subnet/);
  t.regex(told('{subnet: 10.20.0.7/24}').join(), /W401 .*the subnet 10\.20\.0\.7\/24 is taken as 10\.20\.0\.0\/24/);
});

test('networks without IPv4, other address managers and other drivers are refused', (t) => {
  t.regex(toldOf(withNetwork('{enable_ipv4: false}')).join(), /E400 networks without IPv4 are not supported/);
  t.regex(toldOf(withNetwork('{ipam: {driver: dhcp}}')).join(), /E401 the ipam driver dhcp/);
  t.regex(toldOf(withNetwork('{driver: weave}')).join(), /E401 the network driver weave is not supported yet/);
  t.is(saidOf(withNetwork('{driver: overlya}'))[0]?.hint, "did you mean 'overlay'?");
  t.is(saidOf(withNetwork('{driver: ipvlan}'))[0]?.hint, 'use macvlan');
});

test('the driver bridge is one network a node, which is told', (t) => {
  t.is(net('{driver: bridge}').driver, 'bridge');
  t.deepEqual(placesOf('services: {web: {image: i, networks: [net]}}\nnetworks: {net: {driver: bridge}}'), ['2:26 W401']);
});

test('macvlan needs the device of the nodes', (t) => {
  t.like(net('{driver: macvlan, driver_opts: {parent: eth0.20, macvlan_mode: bridge}, ipam: {config: [{subnet: 192.168.7.0/24}]}}'), {
    driver: 'macvlan',
    driverOpts: { parent: 'eth0.20' },
  });
  t.regex(toldOf(withNetwork('{driver: macvlan}')).join(), /E306 the network net needs the device.*E306 the network net needs the subnet/);
  t.regex(toldOf(withNetwork('{driver: macvlan, driver_opts: {parent: "eth0:1"}}')).join(), /E202/);
  t.regex(toldOf(withNetwork('{driver: macvlan, driver_opts: {parent: eth0, macvlan_mode: vepa}}')).join(), /E401 macvlan_mode: vepa/);
});

test('options of drivers have one spelling in the cluster, and those without effect are told and left out', (t) => {
  t.deepEqual(net('{driver_opts: {encrypted: "", com.docker.network.driver.mtu: 1400}}').driverOpts, { encrypted: 'true', mtu: '1400' });
  t.deepEqual(net('{driver_opts: {encrypted: "false"}}').driverOpts, {});
  const listed = withNetwork('{driver_opts: {com.docker.network.driver.overlay.vxlanid_list: 4097, com.docker.network.bridge.name: x}}');
  t.deepEqual(networkOf(listed, 'project_net').driverOpts, {});
  t.deepEqual(
    toldOf(listed).map((told) => told.slice(0, 4)),
    ['W400', 'W400'],
  );
  t.regex(toldOf(withNetwork('{driver_opts: {mtu: 20}}')).join(), /E202 '20' is not an MTU/);
  t.regex(toldOf(withNetwork('{enable_ipv6: true, driver_opts: {mtu: 1000}}')).join(), /E202 '1000' is not an MTU/);
  t.regex(toldOf(withNetwork('{driver_opts: {encrypted: perhaps}}')).join(), /E202/);
  t.regex(toldOf(withNetwork('{driver: bridge, driver_opts: {encrypted: "true"}}')).join(), /E303 .*cannot be encrypted/);
});

test('an external network is only named', (t) => {
  t.deepEqual(networkOf(withNetwork('{external: true, name: shared}'), 'shared'), { ...emptyNetworkSpec, name: 'shared', external: true });
  t.regex(toldOf(withNetwork('{external: true, internal: true}')).join(), /E303 networks.net: conflicting parameters/);
});

test('the external networks host and none are ways to be connected, not objects', (t) => {
  for (const kind of ['host', 'none']) {
    const text = withNetwork(`{external: true, name: ${kind}}`);
    t.is(serviceOf(text).task.networkMode, kind);
    t.deepEqual(serviceOf(text).task.networks, []);
    t.deepEqual(specOf(text).networks, []);
  }
  t.is(serviceOf(withNetwork('{driver: host}')).task.networkMode, 'host');
  const beside = oneService('networks: [net, other]', 'networks: {net: {external: true, name: host}, other: {}}\n');
  t.regex(toldOf(beside).join(), /E303 service web joins net, which is the network host/);
});

test('the external network bridge is one of the stack that each node has for itself', (t) => {
  const text = withNetwork('{external: true, name: bridge}');
  t.deepEqual(specOf(text).networks, [{ ...emptyNetworkSpec, name: 'project_bridge', driver: 'bridge' }]);
  t.is(serviceOf(text).task.networks[0]?.network, 'project_bridge');
  t.regex(toldOf(text).join(), /W401/);
});
