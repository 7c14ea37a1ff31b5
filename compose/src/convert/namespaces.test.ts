import test from 'ava';
import { placesOf, saidOf } from '../testing/memory-files.ts';
import { oneService, serviceOf, toldOf } from '../testing/spec-parts.ts';

const withDb = (service: string, db = 'tty: true'): string =>
  oneService(service, `  db:\n    image: i\n    ${db.replaceAll('\n', '\n    ')}\n`);
const told = (service: string, db?: string): string => toldOf(withDb(service, db)).join('\n');

test('processes and memory are shared with a service, which is waited for', (t) => {
  const web = serviceOf(withDb('pid: service:db\nipc: service:db'));
  t.like(web.task.container, { pidMode: 'service:db', ipcMode: 'service:db' });
  t.deepEqual(web.dependsOn, [{ service: 'db', condition: 'service_started', required: true, restart: true }]);
});

test('a container is shared by the name that a service gives it, and that service is waited for', (t) => {
  const web = serviceOf(withDb('pid: container:box', 'container_name: box'));
  t.is(web.task.container.pidMode, 'service:db');
  t.deepEqual(
    web.dependsOn.map(({ service, restart }) => [service, restart]),
    [['db', true]],
  );
  t.regex(told('ipc: container:bx', 'container_name: box'), /E401 service web shares the memory and queues of the container bx/);
  t.is(saidOf(withDb('pid: container:shop', 'container_name: shop-database'))[0]?.hint, "did you mean 'shop-database'?");
});

test('who shares from a sharer gets what that one has', (t) => {
  t.is(serviceOf(withDb('pid: service:db', 'pid: host')).task.container.pidMode, 'host');
  const chain = oneService('ipc: service:a', '  a: {image: i, ipc: service:b}\n  b: {image: i, ipc: shareable}\n');
  t.is(serviceOf(chain).task.container.ipcMode, 'service:b');
});

test('nobody can share what is kept private, what goes in a circle, or with a global service', (t) => {
  t.regex(told('ipc: service:db', 'ipc: none'), /E304 service web shares the memory and queues of service db, which has ipc: none/);
  t.regex(told('ipc: service:db', 'ipc: private'), /E304/);
  t.regex(told('pid: service:db', 'pid: service:web'), /E302/);
  t.regex(told('pid: container:two\ncontainer_name: one', 'pid: container:one\ncontainer_name: two'), /E302 service web shares processes/);
  t.regex(told('pid: service:db', 'deploy: {mode: global}'), /E303 .*one of them is global/);
});

test('a /dev/shm that belongs to another service has the size said there', (t) => {
  t.regex(told('ipc: service:db\nshm_size: 1g', 'ipc: shareable'), /W400 .*shm_size has no effect/);
});

test('other words are refused with those that there are', (t) => {
  t.regex(told('pid: private'), /E401 pid: private is not supported yet/);
  t.regex(told('uts: private'), /E401 uts: private is not supported yet/);
});

test('a chain of two thousand services comes to the last one, and a circle of them is told once and shortly', (t) => {
  const chain = (last: string): string =>
    Array.from({ length: 2000 }, (_, index) => `  s${index}: {image: i, pid: ${index < 1999 ? `"service:s${index + 1}"` : last}}`).join(
      '\n',
    );
  t.is(serviceOf(`services:\n${chain('host')}\n`, 's0').task.container.pidMode, 'host');
  const [first = '', ...more] = toldOf(`services:\n${chain('"service:s0"')}\n`);
  t.regex(first, /^E302 dependency cycle detected: s0 -> s1 -> .* -> 1988 more -> s0 \(by pid of s0, /);
  t.deepEqual(more, []);
  t.deepEqual(placesOf(oneService('network_mode: service:web')), ['4:5 E302']);
});
