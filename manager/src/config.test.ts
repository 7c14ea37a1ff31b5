import test from 'ava';
import { parseConfig } from './config.ts';
import { defaultDriverOptions } from './raft/io/driver-options.ts';

const required = ['--state-dir', '/s', '--socket', '/s/m.sock', '--node-id', 'n1'];

test('what is not said has its default', (t) => {
  t.deepEqual(parseConfig(required), {
    stateDir: '/s',
    socket: '/s/m.sock',
    nodeId: 'n1',
    addressPool: '10.128.0.0/12',
    subnetPrefix: 24,
    firstVni: 4096,
    vxlanPort: 4789,
    heartbeatMs: 1_000,
    missedHeartbeats: 3,
    logLevel: 'info',
    peerDoor: undefined,
    join: undefined,
    tls: undefined,
    identityDir: undefined,
    bootstrapCa: undefined,
    restore: undefined,
    forceNewCluster: false,
    raft: defaultDriverOptions,
  });
});

test('a flag that is missing, unknown or out of range is named', (t) => {
  const refused = (args: readonly string[], message: RegExp) => t.throws(() => parseConfig(args), { code: 'INVALID_ARGUMENT', message });
  refused(required.slice(2), /needs --state-dir/);
  refused([...required, '--colour', 'red'], /--colour/);
  refused([...required, '--vxlan-port', '70000'], /--vxlan-port is "70000", it must be a whole number from 1 to 65535/);
  refused([...required, '--first-vni', '0'], /--first-vni/);
  refused([...required, '--heartbeat-ms', '1e3'], /--heartbeat-ms/);
  refused([...required, '--address-pool', '10.128.0.0/28'], /--address-pool/);
  refused([...required, '--address-pool', '10.300.0.0/12'], /--address-pool/);
});

test('the door for other managers is on a unix socket, or on the network with certificates', (t) => {
  const refused = (args: readonly string[], message: RegExp) =>
    t.throws(() => parseConfig([...required, ...args]), { code: 'INVALID_ARGUMENT', message });
  t.deepEqual(parseConfig([...required, '--peer-listen', 'unix:/p.sock']).peerDoor, { listen: 'unix:/p.sock', address: 'unix:/p.sock' });
  const tls = ['--tls-ca', '/ca', '--tls-cert', '/cert', '--tls-key', '/key'];
  const onNetwork = parseConfig([...required, '--peer-listen', '0.0.0.0:4242', '--peer-address', '[2001:db8::1]:4242', ...tls]);
  t.deepEqual(onNetwork.peerDoor, { listen: '0.0.0.0:4242', address: '[2001:db8::1]:4242' });
  t.deepEqual(onNetwork.tls, { ca: '/ca', cert: '/cert', key: '/key' });
  refused(['--peer-listen', '127.0.0.1:4242'], /network address: it needs --identity-dir, or --tls-ca, --tls-cert and --tls-key/);
  refused(['--peer-listen', '127.0.0.1:4242', '--tls-ca', '/ca'], /all three are needed/);
  refused(['--peer-listen', 'somewhere'], /--peer-listen is "somewhere", it must be host:port or unix:\/path/);
  refused(['--peer-listen', 'h:0'], /--peer-listen/);
  refused(['--join', 'unix:/other.sock'], /--join needs --peer-listen/);
  t.is(parseConfig([...required, '--peer-listen', '0.0.0.0:2478', '--identity-dir', '/id']).identityDir, '/id');
});

test('the settings of consensus fit each other', (t) => {
  const { raft } = parseConfig([...required, '--tick-ms', '20', '--heartbeat-ticks', '3', '--election-ticks', '30', '--keep-entries', '0']);
  t.like(raft, { tickMs: 20, heartbeatTicks: 3, electionTicks: 30, keepEntries: 0 });
  t.throws(() => parseConfig([...required, '--heartbeat-ticks', '20']), {
    message: /--election-ticks is "15", it must be a whole number from 21/,
  });
});

test('a manager begins in one way, with both files of a given authority or none', (t) => {
  const refused = (args: readonly string[], message: RegExp) =>
    t.throws(() => parseConfig([...required, ...args]), { code: 'INVALID_ARGUMENT', message });
  refused(['--restore', '/b', '--force-new-cluster'], /--force-new-cluster and --restore exclude each other/);
  refused(['--bootstrap-ca-cert', '/c'], /both are needed/);
  t.deepEqual(parseConfig([...required, '--bootstrap-ca-cert', '/c', '--bootstrap-ca-key', '/k']).bootstrapCa, {
    certificate: '/c',
    key: '/k',
  });
  t.is(parseConfig([...required, '--restore', '/b']).restore, '/b');
});

test('networks get a part of the pool, so it is not smaller than one of them', (t) => {
  t.is(parseConfig([...required, '--address-pool', '10.9.0.0/26', '--subnet-prefix', '28']).subnetPrefix, 28);
  t.throws(() => parseConfig([...required, '--address-pool', '10.9.0.0/26']), { message: /from \/8 to \/24/ });
});
