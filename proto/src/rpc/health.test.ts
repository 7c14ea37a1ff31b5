import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, type ServiceError, status as Status } from '@grpc/grpc-js';
import test, { type ExecutionContext } from 'ava';
import { type Logger, ServingStatus } from '../index.ts';
import { Health, type HealthSource, healthHandlers, RpcChannel, RpcServer } from './index.ts';
import { until } from './testing/door.ts';

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

class Source implements HealthSource {
  readonly listeners = new Set<() => void>();
  readonly #serving = new Map([['', true]]);

  isServing(service: string): boolean | undefined {
    return this.#serving.get(service);
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  set(service: string, serving: boolean): void {
    this.#serving.set(service, serving);
    this.tell();
  }

  tell(): void {
    for (const listener of this.listeners) listener();
  }
}

const serving = async (t: ExecutionContext) => {
  const dir = await mkdtemp(join(tmpdir(), 'tso-health-'));
  const address = `unix:${join(dir, 's')}`;
  const source = new Source();
  const server = new RpcServer({ address, authenticate: () => ['client'], logger: silent }).add(Health, healthHandlers(source));
  await server.start();
  const channel = new RpcChannel(address);
  t.teardown(async () => {
    channel.destroy();
    await server.stop(0);
    await rm(dir, { recursive: true });
  });
  return { address, source, client: channel.client(Health) };
};

test('a check says SERVING or NOT_SERVING, and NOT_FOUND of a service that is not there', async (t) => {
  const { client, source } = await serving(t);
  t.is((await client.check({ service: '' })).status, ServingStatus.SERVING);
  source.set('', false);
  t.is((await client.check({ service: '' })).status, ServingStatus.NOT_SERVING);
  await t.throwsAsync(() => client.check({ service: 'none' }), { code: 'NOT_FOUND' });
});

test('who watches hears each change once, of a service that comes too, and is forgotten when it goes', async (t) => {
  const { client, source } = await serving(t);
  const heard = client.watch({ service: 'planner' })[Symbol.asyncIterator]();
  t.is((await heard.next()).value?.status, ServingStatus.SERVICE_UNKNOWN);
  source.set('planner', false);
  t.is((await heard.next()).value?.status, ServingStatus.NOT_SERVING);
  source.set('', false);
  source.tell();
  source.set('planner', true);
  t.is((await heard.next()).value?.status, ServingStatus.SERVING);
  t.is(source.listeners.size, 1);
  await heard.return?.();
  await until('the watcher to be forgotten', () => source.listeners.size === 0);
});

/** As a probe of somebody else's making says it: no code of ours but the server. */
const probe = (t: ExecutionContext, address: string, request: Buffer): Promise<Buffer> => {
  const client = new Client(address, credentials.createInsecure());
  t.teardown(() => client.close());
  const same = (bytes: Buffer) => bytes;
  return new Promise((resolve, reject) =>
    client.makeUnaryRequest('/grpc.health.v1.Health/Check', same, same, request, (error, reply) =>
      error === null && reply !== undefined ? resolve(reply) : reject(error),
    ),
  );
};

test('the bytes are those of the standard', async (t) => {
  const { address } = await serving(t);
  // HealthCheckResponse {status = 1: SERVING}.
  t.deepEqual([...(await probe(t, address, Buffer.alloc(0)))], [0x08, 0x01]);
  const named = Buffer.from([0x0a, 4, ...Buffer.from('none')]);
  const error = await t.throwsAsync<ServiceError>(() => probe(t, address, named));
  t.is(error.code, Status.NOT_FOUND);
});
