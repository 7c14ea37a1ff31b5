import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TsoError } from '@tso/proto';
import test from 'ava';
import type { Images, PullOptions } from '../image/types.ts';
import { limits } from '../limits.ts';
import { eventually } from '../testing/eventually.ts';
import { imageNamed } from '../testing/fake-host.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { imageRoutes } from './images.ts';
import { Router } from './router.ts';

type Pull = (name: string, options: PullOptions) => Promise<void>;

/** An engine whose pulls go as told. */
const withEngine = async (
  pull: Pull,
  body: (world: { readonly server: Server; readonly clock: ManualClock; readonly ask: () => Promise<object[]> }) => Promise<void>,
): Promise<void> => {
  const clock = new ManualClock();
  const images = {
    pull: async (name: string, options: PullOptions) => {
      await pull(name, options);
      return imageNamed(name);
    },
  } as unknown as Images;
  const router = new Router(imageRoutes({ images, clock, imagesInUse: () => new Set() }));
  const server = createServer((raw, response) => router.handle(raw, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ask = (): Promise<object[]> =>
    new Promise((resolve, reject) => {
      const asked = request({ port, method: 'POST', path: '/images/create?fromImage=app&tag=1', agent: false }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () =>
          resolve(
            text
              .trim()
              .split('\n')
              .map((line) => JSON.parse(line) as object),
          ),
        );
      });
      asked.on('error', reject);
      asked.end();
    });
  try {
    await body({ server, clock, ask });
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

const far = (bytesDone: number) => ({ layersTotal: 1, layersDone: 0, bytesTotal: 1_000, bytesDone });

test('a pull says how far it is, at most once in a while, and its digest last', (t) => {
  const clocks: ManualClock[] = [];
  const pull: Pull = async (_, { onProgress }) => {
    for (let bytes = 0; bytes < 100; bytes += 1) onProgress?.(far(bytes));
    clocks[0]?.advance(limits.progressMs);
    onProgress?.(far(100));
  };
  return withEngine(pull, async ({ clock, ask }) => {
    clocks.push(clock);
    t.deepEqual(
      (await ask()).map((line) => JSON.stringify(line)),
      [
        '{"status":"pulling 0 of 1 layers","id":"app:1","progressDetail":{"current":0,"total":1000}}',
        '{"status":"pulling 0 of 1 layers","id":"app:1","progressDetail":{"current":100,"total":1000}}',
        '{"status":"Digest: sha256:manifest-app:1","id":"app:1"}',
      ],
    );
  });
});

test('a pull that fails says so in its last line, and a word that comes after it ends nothing', (t) => {
  let late: PullOptions['onProgress'];
  const pull: Pull = async (_, { onProgress }) => {
    late = onProgress;
    throw new TsoError('UNAVAILABLE', 'the registry does not answer', { hint: 'Try later' });
  };
  return withEngine(pull, async ({ ask }) => {
    t.deepEqual(await ask(), [
      {
        error: 'the registry does not answer. Try later',
        errorDetail: { code: 'UNAVAILABLE', message: 'the registry does not answer', hint: 'Try later' },
      },
    ]);
    late?.(far(1));
    t.is((await ask()).length, 1);
  });
});

test('a client that goes away cancels its pull', (t) => {
  let signal: AbortSignal | undefined;
  const pull: Pull = async (_, options) => {
    signal = options.signal;
    options.onProgress?.(far(1));
    await new Promise<void>((resolve) => options.signal?.addEventListener('abort', () => resolve()));
    options.onProgress?.(far(2));
    throw new TsoError('CANCELLED', 'the pull was cancelled');
  };
  return withEngine(pull, async ({ server, ask }) => {
    const asked = ask().catch(() => []);
    await eventually('it pulls', () => signal !== undefined);
    server.closeAllConnections();
    await asked;
    await eventually('it is cancelled', () => signal?.aborted === true);
    t.pass();
  });
});
