import test from 'ava';
import { capabilityNames, capabilityOf, signalNumberOf, ulimitNames } from './linux-names.ts';

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
