import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Control, RpcChannel, RpcServer } from './index.ts';
import { aborted, collect, connected, failure, info, silent, view } from './testing/pair.ts';

test('stopping lets a running call end, and cuts what does not', async (t) => {
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const { control, server } = await connected(t, {
    getInfo: async () => {
      started.resolve();
      await release.promise;
      return info;
    },
    watchStack: async function* (_request, { signal }) {
      yield view(1);
      await aborted(signal);
    },
  });
  const running = control.getInfo({});
  await started.promise;
  const watching = failure(t, () => collect(control.watchStack({ name: 'shop', minVersion: 0 })));
  const stopping = server.stop(200);
  release.resolve();
  t.deepEqual(await running, info);
  await stopping;
  t.true(['UNAVAILABLE', 'CANCELLED'].includes((await watching).code));
});

test('stopping cuts a call that is never answered, with those of a stream that says nothing', async (t) => {
  const started = Promise.withResolvers<void>();
  const { control, server } = await connected(t, {
    getInfo: () => {
      started.resolve();
      return new Promise(() => undefined);
    },
    watchStack: async function* (_request, { signal }) {
      await aborted(signal);
      yield view(1);
    },
  });
  const calls = [failure(t, () => control.getInfo({})), failure(t, () => collect(control.watchStack({ name: 'shop', minVersion: 0 })))];
  await started.promise;
  await server.stop(0);
  for (const call of calls) t.true(['UNAVAILABLE', 'CANCELLED'].includes((await call).code));
});

test('an address that is taken is UNAVAILABLE, and the message names it', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'tso-rpc-'));
  const path = join(dir, 'taken.sock');
  const holder = createServer().listen(path);
  await new Promise((resolve) => holder.once('listening', resolve));
  const server = new RpcServer({ address: `unix:${path}`, authenticate: () => [], logger: silent });
  t.teardown(async () => {
    holder.close();
    await rm(dir, { recursive: true });
  });
  const error = await failure(t, () => server.start());
  t.is(error.code, 'UNAVAILABLE');
  t.true(error.message.startsWith(`cannot listen on unix:${path}`));
});

test('nobody listening is UNAVAILABLE', async (t) => {
  const channel = new RpcChannel(`unix:${join(tmpdir(), 'tso-rpc-nobody.sock')}`);
  t.teardown(() => channel.close());
  t.is((await failure(t, () => channel.client(Control).getInfo({}))).code, 'UNAVAILABLE');
});
