import { emptyNetworkAssignment, type NetworkAssignment } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { hostNames } from './names.ts';
import { wishedNetwork } from './plan.ts';
import { needsForwarding6, networkSysctls, raisedNeighbourLimits } from './sysctls.ts';

const names = hostNames('/run/tso', '/run/tso');
const network = (changes: Partial<NetworkAssignment> = {}) =>
  wishedNetwork(
    { ...emptyNetworkAssignment, id: 'n', name: 'net', vni: 5, subnet: '10.0.1.0/24', gateway: '10.0.1.1', ...changes },
    { names, nodeId: 'here', nodeAddress: '' },
  );
const settings = (changes: Partial<NetworkAssignment> = {}): readonly string[] =>
  networkSysctls(network(changes)).map(({ path, value }) => `${path}=${value}`);

test('a gateway lets loopback sources out, answers for itself only, and has IPv6 only where the network has', (t) => {
  const gateway = names.gatewayDevice(5);
  t.deepEqual(settings(), [
    `ipv4/conf/${gateway}/route_localnet=1`,
    `ipv4/conf/${gateway}/arp_ignore=1`,
    `ipv6/conf/${gateway}/disable_ipv6=1`,
  ]);
  const six = settings({ subnet6: 'fd00::/64', gateway6: 'fd00::1' });
  t.true(six.includes(`ipv6/conf/${gateway}/disable_ipv6=0`));
  t.true(six.includes(`ipv6/conf/${gateway}/accept_ra=0`));
  t.true(six.includes(`ipv6/conf/${names.vxlanDevice(5)}/disable_ipv6=0`));
});

test('two devices of the host on one subnet take answers that come by the other', (t) => {
  const hosts = [{ nodeId: 'here', address: '10.0.1.7', address6: '', vtep: '' }];
  const both = settings({ ingress: true, hosts });
  for (const device of [names.gatewayDevice(5), names.ownDevice(5)]) t.true(both.includes(`ipv4/conf/${device}/rp_filter=2`), device);
  t.false(settings().some((setting) => setting.includes('rp_filter')));
});

test('nothing is set for a network on a parent, and nothing forwarded for networks without IPv6', (t) => {
  const lan = { driver: 'macvlan', driverOpts: { parent: 'eth0' }, subnet6: 'fd00::/64', gateway6: 'fd00::1' };
  t.deepEqual(settings(lan), []);
  t.false(needsForwarding6([network(lan), network()]));
  t.true(needsForwarding6([network({ subnet6: 'fd00::/64', gateway6: 'fd00::1' })]));
});

test('limits of neighbours grow to hold twice what is expected, never shrink, and stay in order', (t) => {
  t.is(raisedNeighbourLimits(512, { thresh1: 128, thresh2: 512, thresh3: 1024 }), undefined);
  t.deepEqual(raisedNeighbourLimits(2000, { thresh1: 128, thresh2: 512, thresh3: 1024 }), { thresh1: 1024, thresh2: 2048, thresh3: 4096 });
  const limit = fc.integer({ min: 1, max: 100_000 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), limit, limit, limit, (entries, a, b, c) => {
      const [thresh1 = 0, thresh2 = 0, thresh3 = 0] = [a, b, c].toSorted((x, y) => x - y);
      const raised = raisedNeighbourLimits(entries, { thresh1, thresh2, thresh3 });
      if (raised === undefined) return entries * 2 <= thresh3;
      const isOrdered = raised.thresh1 <= raised.thresh2 && raised.thresh2 <= raised.thresh3;
      return (
        isOrdered && raised.thresh3 >= entries * 2 && raised.thresh1 >= thresh1 && raised.thresh2 >= thresh2 && raised.thresh3 > thresh3
      );
    }),
  );
});
