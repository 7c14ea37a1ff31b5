import test from 'ava';
import { parseConfig } from './config.ts';

const required = ['--state-dir', '/s', '--socket', '/s/m.sock', '--node-id', 'n1'];

test('what is not said has its default', (t) => {
  t.deepEqual(parseConfig(required), {
    stateDir: '/s',
    socket: '/s/m.sock',
    nodeId: 'n1',
    addressPool: '10.128.0.0/12',
    firstVni: 4096,
    vxlanPort: 4789,
    heartbeatMs: 1_000,
    missedHeartbeats: 3,
    logLevel: 'info',
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
