import test from 'ava';
import { capabilityNames, capabilityOf, isDeviceName, signalNumberOf, ulimitNames } from './linux-names.ts';

test('signals are known by name, by number, and counted from the ends of those for realtime', (t) => {
  t.deepEqual(['SIGTERM', 'term', '15', 'RTMIN+3', 'SIGRTMAX-1', ' hup '].map(signalNumberOf), [15, 15, 15, 37, 63, 1]);
  for (const none of ['', 'SIGNONE', '0', '65', 'RTMIN+40', 'constructor']) t.is(signalNumberOf(none), undefined, none);
});

test('capabilities are known with and without CAP_, in any case', (t) => {
  t.deepEqual(['net_admin', 'CAP_SYS_TIME', 'all', 'NET_ADMINN', ''].map(capabilityOf), [
    'CAP_NET_ADMIN',
    'CAP_SYS_TIME',
    'ALL',
    undefined,
    undefined,
  ]);
  t.is(capabilityNames.indexOf('CAP_BPF'), 39);
  t.true(ulimitNames.includes('nofile'));
});

test('a network device has a name of its own that every program takes for one', (t) => {
  for (const name of ['db', 'eth0', 'a.b-c_d', 'fifteenletters1']) t.true(isDeviceName(name), name);
  for (const name of [
    '',
    'lo',
    'all',
    'default',
    'dns0',
    'tso-eth1',
    '-x',
    '_x',
    '0eth',
    'with space',
    'a/b',
    'a:1',
    '..',
    'sixteenletters..',
  ])
    t.false(isDeviceName(name), name);
});
