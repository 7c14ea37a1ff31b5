import { once } from 'node:events';
import { connect } from 'node:net';
import type { Logger } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import { MemberWorld } from '../testing/member-world.ts';
import { TestCluster } from '../testing/test-cluster.ts';
import { type Health, ScrapeDoor } from './scrape-door.ts';

const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => logger,
};

const healthy: Health = { healthy: true, parts: { session: 'ok' } };

const serve = async (t: ExecutionContext, ports: { metrics?: () => Promise<string>; health?: () => Health } = {}) => {
  const door = new ScrapeDoor(
    { address: '127.0.0.1:0' },
    { logger, metrics: async () => 'tso_agent_tasks 1\n', health: () => healthy, tls: () => undefined, ...ports },
  );
  await door.start();
  t.teardown(() => door.stop());
  return (path: string, method = 'GET') => fetch(`http://${door.address}${path}`, { method });
};

test('figures are served as text in the exposition format, health as JSON', async (t) => {
  const get = await serve(t);
  const metrics = await get('/metrics');
  t.is(metrics.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  t.is(await metrics.text(), 'tso_agent_tasks 1\n');
  const health = await get('/healthz?full');
  t.deepEqual([health.status, await health.json()], [200, healthy]);
});

test('what is not healthy is 503 with the part that is not', async (t) => {
  const get = await serve(t, { health: () => ({ healthy: false, parts: { session: 'no manager answers' } }) });
  const health = await get('/healthz');
  t.deepEqual([health.status, await health.json()], [503, { healthy: false, parts: { session: 'no manager answers' } }]);
});

test('other paths, other methods and figures that cannot be read are said as such', async (t) => {
  const get = await serve(t, { metrics: () => Promise.reject(new Error('no cgroup')) });
  t.is((await get('/')).status, 404);
  t.is((await get('/metrics', 'POST')).status, 405);
  const broken = await get('/metrics');
  t.deepEqual([broken.status, await broken.text()], [500, 'no cgroup\n']);
});

test('on a network address nothing is served without a certificate', async (t) => {
  const ports = { logger, metrics: async () => '', health: () => healthy, tls: () => undefined };
  await t.throwsAsync(new ScrapeDoor({ address: '0.0.0.0:0' }, ports).start(), {
    code: 'FAILED_PRECONDITION',
    message: /no certificate to show there yet/,
  });
});

test('it stops at once, also while somebody connects without a word', (t) =>
  TestCluster.run(1, (cluster) =>
    MemberWorld.run(async (world) => {
      await world.start();
      await world.member.join({ token: cluster.token('worker'), remoteAddr: cluster.addresses[0] ?? '' });
      const ports = { logger, metrics: async () => '', health: () => healthy, tls: () => world.certificates.material };
      const door = new ScrapeDoor({ address: '0.0.0.0:0' }, ports);
      await door.start();
      const silent = connect(Number(door.address.split(':').at(-1)), '127.0.0.1');
      await once(silent, 'connect');
      const closed = once(silent, 'close');
      await door.stop();
      await closed;
      t.pass();
    }),
  ));
