import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { emptyPort, type PortConfig, PortProtocol, PublishMode, TsoError } from '@tso/proto';
import test from 'ava';
import { type Claim, claimOf } from './claims.ts';
import { findHolder } from './holder.ts';
import { HeldPorts } from './ports.ts';
import { close, freePort, freePorts, listen, portOf } from './testing/listening.ts';
import type { PublishedPort } from './types.ts';

const published = (port: number, changes: Partial<PortConfig> = {}, more: Partial<PublishedPort> = {}): Claim =>
  claimOf({
    taskId: 'task1',
    serviceId: 'service1',
    serviceName: 'shop_web',
    address: '10.32.1.3',
    serving: false,
    ...more,
    port: {
      ...emptyPort,
      target: 80,
      published: port,
      protocol: PortProtocol.TCP,
      mode: PublishMode.HOST,
      hostIp: '127.0.0.1',
      ...changes,
    },
  });

/** As of a port that every node answers on. */
const shared = (port: number, serviceId = 'service1', changes: Partial<PortConfig> = {}): Claim => ({
  ...published(port, changes, { serviceId, serviceName: serviceId === 'service1' ? 'shop_web' : serviceId }),
  taskId: '',
});

const held = (t: { teardown: (end: () => Promise<void>) => void }): HeldPorts => {
  const ports = new HeldPorts();
  t.teardown(() => ports.releaseAll());
  return ports;
};

test('a held port is taken for everyone else, until it is named no more', async (t) => {
  const ports = held(t);
  const port = await freePort();
  await ports.reserve([published(port)]);
  await t.throwsAsync(listen(port), { code: 'EADDRINUSE' });
  await ports.keep([published(port)]);
  await ports.keep([]);
  await close(await listen(port));
  t.pass();
});

test('a reservation outlives a publish that was decided before it, and ends with its task', async (t) => {
  const ports = held(t);
  const port = await freePort();
  await ports.reserve([published(port)]);
  await ports.keep([]);
  await t.throwsAsync(listen(port), { code: 'EADDRINUSE' });
  await ports.forget((taskId) => taskId === 'task1', []);
  await close(await listen(port));
});

test('who has a port is named with its pid', async (t) => {
  const server = await listen();
  const port = portOf(server);
  const error = await t.throwsAsync(held(t).reserve([published(port)]), { instanceOf: TsoError });
  t.is(error.code, 'CONFLICT');
  t.regex(error.message, new RegExp(`^port 127\\.0\\.0\\.1:${port}/tcp is taken on this host by .+ \\(pid ${process.pid}\\)$`));
  await close(server);
});

test('UDP ports are held and found as well', async (t) => {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  t.is((await findHolder('udp', port, '127.0.0.1'))?.pid, process.pid);
  await t.throwsAsync(held(t).reserve([published(port, { protocol: PortProtocol.UDP })]), { message: /\/udp is taken on this host by/ });
  socket.close();
});

test('of several ports all are reserved or none', async (t) => {
  const server = await listen();
  const free = await freePort();
  await t.throwsAsync(held(t).reserve([published(free), published(portOf(server))]), { instanceOf: TsoError });
  await close(await listen(free));
  await close(server);
});

test('another is told who of ours has the port', async (t) => {
  const ports = held(t);
  const port = await freePort();
  await ports.keep([shared(port)]);
  await t.throwsAsync(ports.reserve([published(port)]), {
    message: new RegExp(`port 127.0.0.1:${port}/tcp is taken on this host by service shop_web`),
  });
  const failures = await ports.keep([shared(port), shared(port, 'other', { hostIp: '' })]);
  t.regex(failures.get(`${port}/tcp`)?.message ?? '', /is taken on this host by service shop_web/);
});

test('a port that goes over to another service is theirs at once', async (t) => {
  const ports = held(t);
  const port = await freePort();
  await ports.keep([shared(port)]);
  t.is((await ports.keep([shared(port, 'other')])).size, 0);
  await t.throwsAsync(listen(port), { code: 'EADDRINUSE' });
});

test('a thousand ports are held', async (t) => {
  const ports = held(t);
  const claims = (await freePorts(1000)).map((port) => shared(port));
  const failures = await ports.keep(claims);
  t.true(failures.size < 50, [...failures.values()].slice(0, 2).join());
  await ports.keep([]);
});

test('an address that this host does not have, or that is not IPv4, is told', async (t) => {
  const port = await freePort();
  await t.throwsAsync(held(t).reserve([published(port, { hostIp: '192.0.2.77' })]), {
    message: /this host does not have the address 192\.0\.2\.77/,
  });
  await t.throwsAsync(held(t).reserve([published(port, { hostIp: '::1' })]), { message: /an address that is not IPv4/ });
  await t.throwsAsync(held(t).reserve([published(0)]), { message: /not in 1 to 65535/ });
});

test('a port that cannot be held any more does not keep the others from being published', async (t) => {
  const ports = held(t);
  const server = await listen();
  const free = await freePort();
  const failures = await ports.keep([published(portOf(server)), published(free)]);
  t.deepEqual([...failures.keys()], [`127.0.0.1:${portOf(server)}/tcp`]);
  t.regex(failures.values().next().value?.message ?? '', /is taken on this host by .+ \(pid \d+\)/);
  await t.throwsAsync(listen(free), { code: 'EADDRINUSE' });
  await close(server);
});
