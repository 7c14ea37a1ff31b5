import test from 'ava';
import { isHostPath, parseVolume } from './volumes.ts';

test('a path is a bind, a name is a volume, a target alone is anonymous', (t) => {
  t.deepEqual(parseVolume('./src:/app'), { type: 'bind', source: './src', target: '/app', bind: {} });
  t.deepEqual(parseVolume('data:/app'), { type: 'volume', source: 'data', target: '/app', volume: {} });
  t.deepEqual(parseVolume('/app'), { type: 'volume', target: '/app', volume: {} });
});

test('options are read', (t) => {
  t.deepEqual(parseVolume('/a:/b:ro,rslave,z'), {
    type: 'bind',
    source: '/a',
    target: '/b',
    read_only: true,
    bind: { propagation: 'rslave', selinux: 'z' },
  });
  t.deepEqual(parseVolume('v:/b:nocopy'), { type: 'volume', source: 'v', target: '/b', volume: { nocopy: true } });
});

test('what a volume, or a folder of the host, cannot have is kept for the warning', (t) => {
  const bind = { propagation: 'rshared', selinux: 'Z' };
  t.deepEqual(parseVolume('db:/x:Z,rshared'), { type: 'volume', source: 'db', target: '/x', bind, volume: {} });
  t.deepEqual(parseVolume('/a:/b:nocopy'), { type: 'bind', source: '/a', target: '/b', bind: {}, volume: { nocopy: true } });
});

test('a colon of a drive or in a variable does not split', (t) => {
  t.deepEqual(parseVolume('C:\\x:/b'), { type: 'bind', source: 'C:\\x', target: '/b', bind: {} });
  t.deepEqual(parseVolume('${A:-/x}:/b'), { type: 'volume', source: '${A:-/x}', target: '/b', volume: {} });
});

test('too many parts, empty parts and unknown options say why', (t) => {
  t.regex(String(parseVolume('/a:/b:ro:x')), /too many colons/);
  t.regex(String(parseVolume('/a::ro')), /empty section/);
  t.regex(String(parseVolume('/a:/b:wild')), /'wild' is not a mount option/);
});

test('only what begins like a path is one', (t) => {
  t.deepEqual(['./a', '/a', '~/a', '..', 'a', 'a/b'].map(isHostPath), [true, true, true, true, false, false]);
});
