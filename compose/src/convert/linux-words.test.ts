import test from 'ava';
import { saidOf } from '../testing/memory-files.ts';
import { oneService, serviceOf } from '../testing/spec-parts.ts';

const told = (service: string): readonly (string | undefined)[] => {
  const [found] = saidOf(oneService(service));
  return [`${found?.code} ${found?.message}`, found?.hint];
};

test('names that Linux has are passed on as they are written', (t) => {
  const { container } = serviceOf(
    oneService('cap_add: [net_admin, CAP_SYS_TIME]\ncap_drop: [ALL]\nulimits: {nofile: 9}\nstop_signal: RTMIN+3'),
  ).task;
  t.like(container, { capAdd: ['net_admin', 'CAP_SYS_TIME'], capDrop: ['ALL'], stopSignal: 'RTMIN+3' });
});

test('a slip in one is told with the name that was meant', (t) => {
  t.deepEqual(told('cap_add: [NET_ADMINN]'), ["E202 'NET_ADMINN' is not a capability", "did you mean 'NET_ADMIN'?"]);
  t.deepEqual(told('ulimits: {nofiles: 9}'), ["E202 'nofiles' is not a limit of processes", "did you mean 'nofile'?"]);
  t.deepEqual(told('build: {context: ., ulimits: {nofiles: 9}}'), ["E202 'nofiles' is not a limit of processes", "did you mean 'nofile'?"]);
  t.deepEqual(told('stop_signal: SIGTEMR'), ["E202 'SIGTEMR' is not a signal", "did you mean 'SIGTERM'?"]);
  t.is(told('stop_signal: "99"')[0], "E202 '99' is not a signal");
});
