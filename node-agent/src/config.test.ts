import test from 'ava';
import { parseConfig } from './config.ts';

test('without flags it is the node of this machine', (t) => {
  t.deepEqual(parseConfig([]), {
    paths: { dataDir: '/var/lib/tso', runDir: '/run/tso' },
    cgroupParent: '/tso',
    runtime: 'crun',
    logLevel: 'info',
    usernsRemap: undefined,
    listenAddr: '',
    advertiseAddr: '',
    metricsAddr: '',
    insecureRegistries: [],
    generic: [],
    tunnelRotationMs: 12 * 3_600_000,
    managerFlags: [],
  });
});

test('another run directory has a cgroup parent of its own, and paths are made plain', (t) => {
  const config = parseConfig(['--data-dir', '/srv//a/../b/', '--run-dir', '/run/other/']);
  t.deepEqual(config.paths, { dataDir: '/srv/b', runDir: '/run/other' });
  t.regex(config.cgroupParent, /^\/tso-[0-9a-z]{4}$/);
});

test('a remapped range of ids is its base and size', (t) => {
  t.deepEqual(parseConfig(['--userns-remap', '100000']).usernsRemap, { base: 100_000, size: 65_536 });
  t.deepEqual(parseConfig(['--userns-remap', '100000:131072']).usernsRemap, { base: 100_000, size: 131_072 });
});

test('keys of tunnels are renewed as often as is said', (t) => {
  t.is(parseConfig(['--tunnel-rotation', '90s']).tunnelRotationMs, 90_000);
  t.is(parseConfig(['--tunnel-rotation', '30m']).tunnelRotationMs, 1_800_000);
});

test('what only the owner of a host knows of is counted, or named', (t) => {
  const { generic } = parseConfig(['--generic-resource', 'ssd=b,a', '--generic-resource', 'gpu=4']);
  t.deepEqual(generic, [
    { kind: 'gpu', count: 4, ids: [] },
    { kind: 'ssd', count: 2, ids: ['a', 'b'] },
  ]);
});

const refused: readonly (readonly [flag: string, value: string, why: RegExp])[] = [
  ['--data-dir', 'relative', /an absolute path/],
  ['--data-dir', '/', /a folder of its own/],
  ['--run-dir', `/${'r'.repeat(67)}`, /at most 67 bytes/],
  ['--run-dir', '/var/lib/tso', /another folder than --data-dir/],
  ['--cgroup-parent', '/a/..', /a folder of its own/],
  ['--runtime', 'kata', /crun or runc/],
  ['--log-level', 'loud', /info/],
  ['--listen-addr', '10.0.0.1:0', /listen address/],
  ['--advertise-addr', '0.0.0.0', /advertised address/],
  ['--userns-remap', '0', /BASE\[:SIZE\]/],
  ['--userns-remap', '100000:10', /BASE\[:SIZE\]/],
  ['--userns-remap', '4294967000', /BASE\[:SIZE\]/],
  ['--tunnel-rotation', '9s', /from 10s to 720h/],
  ['--tunnel-rotation', '721h', /from 10s to 720h/],
  ['--tunnel-rotation', '12', /from 10s to 720h/],
];
for (const [flag, value, why] of refused) {
  test(`${flag} ${value.slice(0, 20)} is refused with what it must be`, (t) => {
    t.throws(() => parseConfig([flag, value]), { code: 'INVALID_ARGUMENT', message: why });
  });
}

test('an unknown flag is refused by name', (t) => {
  t.throws(() => parseConfig(['--no-such-flag']), { message: /--no-such-flag/ });
});

test('where a manager listens and what others are told is passed on as it was said', (t) => {
  t.like(parseConfig(['--listen-addr', '0.0.0.0:2500', '--advertise-addr', '10.0.0.1']), {
    listenAddr: '0.0.0.0:2500',
    advertiseAddr: '10.0.0.1',
    metricsAddr: '',
  });
});

test('settings of the manager are passed on to it by name, and unknown ones refused', (t) => {
  const { managerFlags } = parseConfig(['--manager-option', 'election-ticks=30', '--manager-option', 'tick-ms=20']);
  t.deepEqual(managerFlags, ['--election-ticks', '30', '--tick-ms', '20']);
  for (const bad of ['socket=/x', 'tick-ms', 'tick-ms=', 'tick-ms=fast', 'tick-ms=1=2']) {
    t.throws(() => parseConfig(['--manager-option', bad]), { code: 'INVALID_ARGUMENT', message: /--manager-option .* NAME=NUMBER/ }, bad);
  }
});
