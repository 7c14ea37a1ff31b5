import test from 'ava';
import type { ClusterFacts, ManagerFacts } from './cluster-facts.ts';
import { examineCluster, examinePort } from './examine-cluster.ts';
import type { HostFacts } from './facts.ts';

const nowMs = Date.UTC(2026, 5, 1);
const dayMs = 86_400_000;

const well: ClusterFacts = {
  state: 'active',
  error: '',
  manager: true,
  address: '10.0.0.1',
  localAddresses: ['127.0.0.1', '10.0.0.1'],
  troubles: [],
  addressPool: '10.128.0.0/12',
  certificate: { notBeforeMs: nowMs - 10 * dayMs, notAfterMs: nowMs + 81 * dayMs },
  managers: [{ address: '10.0.0.2:2478', connectMs: 0.4, aheadMs: 300 }],
};
const daemon = { socket: '/s', errno: undefined };
const found = (change: Partial<ClusterFacts>) => examineCluster({ nowMs, dataDir: '/srv/b', cluster: { ...well, ...change } } as HostFacts);
const unwell = (change: Partial<ClusterFacts>) =>
  found(change)
    .filter(({ level }) => level !== 'ok')
    .map(({ check, level }) => `${level} ${check}`);
const withManager = (manager: Partial<ManagerFacts>) =>
  unwell({ managers: [{ address: '10.0.0.2:2478', connectMs: 1, aheadMs: 0, ...manager }] });

test('a healthy member has nothing to repair, and a host in no cluster nothing to say', (t) => {
  t.deepEqual(unwell({}), []);
  t.deepEqual(examineCluster({ nowMs, cluster: undefined } as HostFacts), []);
  t.deepEqual(found({ state: 'inactive' }), []);
});

test('clocks that differ warn, and fail before certificates would', (t) => {
  t.deepEqual(withManager({ aheadMs: 1_900 }), []);
  t.deepEqual(withManager({ aheadMs: -2_600 }), ['warn clock of 10.0.0.2:2478']);
  t.deepEqual(withManager({ aheadMs: 3_600_000 }), ['warn clock of 10.0.0.2:2478']);
  t.deepEqual(withManager({ aheadMs: -13 * 3_600_000 }), ['fail clock of 10.0.0.2:2478']);
  const text = found({ managers: [{ address: 'm', connectMs: 1, aheadMs: -3_600_000 }] }).find(
    ({ check }) => check === 'clock of m',
  )?.message;
  t.is(text, "60 min behind this host's: logs of several nodes come in the wrong order");
});

test('a manager that is far away or silent is told', (t) => {
  t.deepEqual(withManager({ connectMs: 120 }), ['warn manager 10.0.0.2:2478']);
  const silent: ManagerFacts = { address: 'm', error: 'ECONNREFUSED' };
  t.deepEqual(unwell({ managers: [silent] }), ['warn manager m']);
});

test('a certificate is judged by what is left of it', (t) => {
  t.deepEqual(unwell({ certificate: undefined }), ['fail certificate']);
  t.deepEqual(unwell({ certificate: 'unreadable' }), ['warn certificate']);
  t.deepEqual(unwell({ certificate: { notBeforeMs: nowMs - 90 * dayMs, notAfterMs: nowMs - 1 } }), ['fail certificate']);
  t.deepEqual(unwell({ certificate: { notBeforeMs: nowMs - 80 * dayMs, notAfterMs: nowMs + 10 * dayMs } }), ['warn certificate']);
  t.deepEqual(unwell({ certificate: { notBeforeMs: nowMs + 1, notAfterMs: nowMs + 10 * dayMs } }), ['fail certificate']);
});

test('an address that others cannot use warns, with and without a port', (t) => {
  t.deepEqual(unwell({ address: '' }), ['warn advertise address']);
  t.deepEqual(unwell({ address: '127.0.0.1' }), ['warn advertise address']);
  t.deepEqual(unwell({ address: '10.9.9.9' }), ['warn advertise address']);
  t.deepEqual(unwell({ address: '10.0.0.1:2478' }), []);
  t.deepEqual(unwell({ address: '[fd00::1]:2478', localAddresses: ['fd00::1'] }), []);
  t.deepEqual(unwell({ address: 'fd00::1', localAddresses: ['fd00::1'] }), []);
});

test('a locked manager and a node that cannot take part are told', (t) => {
  t.deepEqual(unwell({ state: 'locked' }), ['warn cluster']);
  t.deepEqual(unwell({ state: 'error', error: 'x' }), ['fail cluster']);
});

test('who is sent to the log of the daemon is told both places where it may be', (t) => {
  const fixes = (change: Partial<ClusterFacts>) => found(change).flatMap(({ fix }) => (fix.includes('journalctl') ? [fix] : []));
  t.deepEqual(fixes({ state: 'error', error: 'x' }), ['The log of the daemon says more: journalctl -u tsod, or /srv/b/tsod.log']);
  t.deepEqual(fixes({ certificate: { notBeforeMs: nowMs - 80 * dayMs, notAfterMs: nowMs + 10 * dayMs } }), [
    'See why not: journalctl -u tsod, or /srv/b/tsod.log; and whether managers can be reached.',
  ]);
});

test('the port is free, ours, or in the way', (t) => {
  const port = (change: Partial<HostFacts>) =>
    examinePort({ memberPort: 'taken', cluster: well, daemon, ...change } as HostFacts)[0]?.level;
  t.is(port({ memberPort: 'free' }), 'ok');
  t.is(port({}), 'ok');
  t.is(port({ cluster: { ...well, manager: false } }), 'warn');
  t.is(port({ cluster: undefined, daemon: { socket: '/s', errno: 'ENOENT' } }), 'warn');
  t.is(port({ memberPort: 'unknown' }), 'warn');
});
