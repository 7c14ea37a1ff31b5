import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger, StackView } from '@tso/proto';
import { Control, type Handlers, RpcChannel, RpcServer } from '@tso/proto/rpc';
import test from 'ava';
import { Door } from './door.ts';

const quiet: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, child: () => quiet };

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

const httpServer = () => createServer((request, response) => response.end(`engine ${request.url}`));

test('HTTP/1.1 is answered by the engine and gRPC by the manager, on one socket', (t) =>
  withFolder(async (folder) => {
    const managerSocket = join(folder, 'manager.sock');
    const manager = new RpcServer({ address: `unix:${managerSocket}`, authenticate: () => ['client'], logger: quiet });
    const view = (name: string): StackView => ({ name, version: 7, exists: true, services: [], networks: [], volumes: [] });
    const handlers = { getStack: async ({ name }: { readonly name: string }) => view(name) } as unknown as Handlers<typeof Control>;
    manager.add(Control, handlers);
    await manager.start();
    const path = join(folder, 'tso.sock');
    const door = new Door({ path, managerSocket }, { http: httpServer(), logger: quiet });
    await door.start();
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

test('gRPC without a manager fails at once instead of hanging', (t) =>
  withFolder(async (folder) => {
    const path = join(folder, 'tso.sock');
    const door = new Door({ path, managerSocket: join(folder, 'nobody.sock') }, { http: httpServer(), logger: quiet });
    await door.start();
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
    const first = new Door(options, { http: httpServer(), logger: quiet });
    await first.start();
    const second = new Door(options, { http: httpServer(), logger: quiet });
    await t.throwsAsync(second.start(), { code: 'CONFLICT', message: /another tso daemon/ });
    await first.stop();
    await second.start();
    t.is(await get(path, '/x'), 'engine /x');
    await second.stop();
  }));

test('a client that says nothing, or leaves in the middle, disturbs nobody', (t) =>
  withFolder(async (folder) => {
    const path = join(folder, 'tso.sock');
    const door = new Door({ path, managerSocket: join(folder, 'manager.sock') }, { http: httpServer(), logger: quiet });
    await door.start();
    const silent = connect(path);
    const rude = connect(path);
    rude.write('PR');
    rude.destroy();
    t.is(await get(path, '/y'), 'engine /y');
    silent.destroy();
    await door.stop();
  }));
