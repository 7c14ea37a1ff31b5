import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { connect, createServer as createSocketServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StackView } from '@tso/proto';
import { Control, type Handlers, RpcChannel, RpcServer } from '@tso/proto/rpc';
import { systemClock } from '@tso/proto/system';
import test from 'ava';
import { limits } from '../limits.ts';
import { CollectedLog } from '../testing/collected-log.ts';
import { eventually } from '../testing/eventually.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { Door } from './door.ts';

const quiet = new CollectedLog();

const withFolder = async (body: (folder: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-door-'));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
};

const get = (socketPath: string, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    request({ socketPath, path, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });

const ports = (isManagerExpected = false) => ({
  http: createServer((request, response) => response.end(`engine ${request.url}`)),
  server: createSocketServer(),
  clock: systemClock,
  logger: quiet,
  isManagerExpected: () => isManagerExpected,
});

/** All a socket says until it is closed. */
const listen = (socket: Socket): { readonly heard: () => string; readonly isClosed: () => boolean } => {
  let text = '';
  let closed = false;
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  socket.on('close', () => {
    closed = true;
  });
  return { heard: () => text, isClosed: () => closed };
};

test('HTTP/1.1 is answered by the engine and gRPC by the manager, on one socket', (t) =>
  withFolder(async (folder) => {
    const managerSocket = join(folder, 'manager.sock');
    const manager = new RpcServer({ address: `unix:${managerSocket}`, authenticate: () => ['client'], logger: quiet });
    const view = (name: string): StackView => ({ name, version: 7, exists: true, services: [], networks: [], volumes: [] });
    const handlers = { getStack: async ({ name }: { readonly name: string }) => view(name) } as unknown as Handlers<typeof Control>;
    manager.add(Control, handlers);
    await manager.start();
    const path = join(folder, 'tso.sock');
    const door = new Door({ path, managerSocket }, ports());
    await door.start();
    door.open();
    const channel = new RpcChannel(`unix:${path}`);
    try {
      t.is(await get(path, '/_ping'), 'engine /_ping');
      t.is((await channel.client(Control).getStack({ name: 'shop' })).version, 7);
      t.is((await stat(path)).mode & 0o777, 0o600);
    } finally {
      channel.close();
      await door.stop();
      await manager.stop();
    }
  }));

test('the members of the group may come in, through a folder that they cannot list', (t) =>
  withFolder(async (folder) => {
    const path = join(folder, 'tso.sock');
    const group = process.getgid?.() ?? 0;
    const door = new Door({ path, managerSocket: join(folder, 'manager.sock'), group }, ports());
    await door.start();
    const looks = await Promise.all([path, folder].map((place) => stat(place)));
    await door.stop();
    t.deepEqual(
      looks.map(({ mode, gid }) => [mode & 0o777, gid]),
      [
        [0o660, group],
        [0o710, group],
      ],
    );
  }));

test('gRPC without a manager fails at once instead of hanging', (t) =>
  withFolder(async (folder) => {
    const path = join(folder, 'tso.sock');
    const door = new Door({ path, managerSocket: join(folder, 'nobody.sock') }, ports());
    await door.start();
    door.open();
    const channel = new RpcChannel(`unix:${path}`);
    try {
      await t.throwsAsync(channel.client(Control).getStack({ name: 'shop' }, { deadlineMs: 5_000 }), { code: 'UNAVAILABLE' });
    } finally {
      channel.close();
      await door.stop();
    }
  }));

test('a second daemon on the same socket is refused, a socket left by a dead one is taken over', (t) =>
  withFolder(async (folder) => {
    const path = join(folder, 'tso.sock');
    const options = { path, managerSocket: join(folder, 'manager.sock') };
    const first = new Door(options, ports());
    await first.start();
    const second = new Door(options, ports());
    await t.throwsAsync(second.start(), { code: 'CONFLICT', message: /another tso daemon/ });
    await first.stop();
    await second.start();
    second.open();
    t.is(await get(path, '/x'), 'engine /x');
    await second.stop();
  }));

test('a client that says nothing, or leaves in the middle, disturbs nobody', (t) =>
  withFolder(async (folder) => {
    const path = join(folder, 'tso.sock');
    const door = new Door({ path, managerSocket: join(folder, 'manager.sock') }, ports());
    await door.start();
    door.open();
    const silent = connect(path);
    const rude = connect(path);
    rude.write('PR');
    rude.destroy();
    t.is(await get(path, '/y'), 'engine /y');
    silent.destroy();
    await door.stop();
  }));

test('who comes before all is ready waits, and is answered then', (t) =>
  withFolder(async (folder) => {
    const path = join(folder, 'tso.sock');
    const door = new Door({ path, managerSocket: join(folder, 'manager.sock') }, ports());
    await door.start();
    let answer = '';
    const asked = get(path, '/early').then((text) => {
      answer = text;
    });
    // Another round trip on the same socket path shows that the first one had its chance.
    await new Promise<void>((resolve) => connect(path, resolve).unref());
    t.is(answer, '');
    door.open();
    await asked;
    t.is(answer, 'engine /early');
    await door.stop();
  }));

test('a call while the manager is being started is carried once it answers', (t) =>
  withFolder(async (folder) => {
    const managerSocket = join(folder, 'manager.sock');
    const path = join(folder, 'tso.sock');
    const door = new Door({ path, managerSocket }, ports(true));
    await door.start();
    door.open();
    const channel = new RpcChannel(`unix:${path}`);
    const asked = channel.client(Control).getStack({ name: 'shop' }, { deadlineMs: 5_000 });
    await t.throwsAsync(stat(managerSocket), { code: 'ENOENT' });
    const manager = new RpcServer({ address: `unix:${managerSocket}`, authenticate: () => ['client'], logger: quiet });
    const handlers = {
      getStack: async () => ({ name: 'shop', version: 9, exists: true, services: [], networks: [], volumes: [] }),
    } as unknown as Handlers<typeof Control>;
    manager.add(Control, handlers);
    await manager.start();
    try {
      t.is((await asked).version, 9);
    } finally {
      channel.close();
      await door.stop();
      await manager.stop();
    }
  }));

test('a request that arrives byte by byte is understood, whatever letter it begins with', (t) =>
  withFolder(async (folder) => {
    const path = join(folder, 'tso.sock');
    const door = new Door({ path, managerSocket: join(folder, 'nobody.sock') }, ports());
    await door.start();
    door.open();
    const client = connect(path);
    const { heard } = listen(client);
    for (const byte of 'POST /_ping HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n') {
      await new Promise<void>((resolve) => client.write(byte, () => resolve()));
      await new Promise(setImmediate);
    }
    await eventually('it is answered', () => heard().includes('engine /_ping'));
    await door.stop();
    t.pass();
  }));

test('a connection that says nothing is closed after a while, one that speaks is not', (t) =>
  withFolder(async (folder) => {
    const path = join(folder, 'tso.sock');
    const clock = new ManualClock();
    const door = new Door({ path, managerSocket: join(folder, 'nobody.sock') }, { ...ports(), clock });
    await door.start();
    door.open();
    const [silent, half, talking] = [connect(path), connect(path), connect(path)];
    const [first, second, third] = [listen(silent), listen(half), listen(talking)];
    half.write('PR');
    talking.write('GET /a HTTP/1.1\r\nhost: x\r\n\r\n');
    await eventually('it is answered', () => third.heard().includes('engine /a') && clock.pending === 2);
    clock.advance(limits.doorSilenceMs);
    await eventually('the others are closed', () => first.isClosed() && second.isClosed());
    talking.write('GET /b HTTP/1.1\r\nhost: x\r\n\r\n');
    await eventually('it is answered again', () => third.heard().includes('engine /b'));
    await door.stop();
    t.is(clock.pending, 0);
  }));

test('a connection that cannot be accepted is not the end of the daemon', (t) =>
  withFolder(async (folder) => {
    const path = join(folder, 'tso.sock');
    const { server, logger, ...others } = { ...ports(), logger: new CollectedLog() };
    const door = new Door({ path, managerSocket: join(folder, 'nobody.sock') }, { server, logger, ...others });
    await door.start();
    door.open();
    for (let count = 0; count < 3; count += 1) server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
    t.is(await get(path, '/z'), 'engine /z');
    t.is(logger.at('warn').length, 3);
    await door.stop();
  }));
