import test from 'ava';
import fc from 'fast-check';
import { hostNames } from './names.ts';

const vni = fc.integer({ min: 0, max: 2 ** 24 - 1 });
const path = fc.string({ minLength: 1 });

test('device names fit the kernel and tell their VNI to their own daemon only', (t) => {
  fc.assert(
    fc.property(vni, path, path, (number, one, two) => {
      const mine = hostNames(one, '/run/tso');
      const theirs = hostNames(two, '/run/tso');
      const devices = [mine.vxlanDevice(number), mine.gatewayDevice(number), mine.ownDevice(number)];
      return devices.every(
        (name) => name.length <= 15 && mine.vniOf(name) === number && (mine.tag === theirs.tag || theirs.vniOf(name) === undefined),
      );
    }),
  );
  t.pass();
});

test('names of other devices tell nothing', (t) => {
  const names = hostNames('/run/tso', '/run/tso');
  for (const device of ['eth0', 'tsox', `tsox${names.tag}`, `tsox${names.tag}01`, `tsow${names.tag}1`, `vxlan${names.tag}1`])
    t.is(names.vniOf(device), undefined, device);
});

test('the table of the usual run directory is tso, of another it carries the tag', (t) => {
  t.is(hostNames('/run/tso', '/run/tso').table, 'tso');
  const other = hostNames('/tmp/run', '/run/tso');
  t.is(other.table, `tso-${other.tag}`);
  t.not(other.claimMetric, hostNames('/run/tso', '/run/tso').claimMetric);
});

test('the metric of the claim is one the kernel takes, and worse than that of any usual route', (t) => {
  fc.assert(
    fc.property(path, (runDir) => {
      const { claimMetric } = hostNames(runDir, '/run/tso');
      return claimMetric > 2 ** 31 && claimMetric < 2 ** 32;
    }),
  );
  t.pass();
});
