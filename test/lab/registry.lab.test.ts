import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '@tso/proto';
import { systemClock } from '@tso/proto/system';
import test, { type ExecutionContext } from 'ava';
import { runCommand } from '../../node-agent/src/host-command.ts';
import type { ImageStoreOptions } from '../../node-agent/src/image/image-store.ts';
import type { PullProgress } from '../../node-agent/src/image/types.ts';
import { type ImageFixture, imageOf, indexOf, ociArchive, tarOf } from './support/image-fixtures.ts';
import { failure, ImageLab } from './support/image-lab.ts';
import { makeCertificate, RegistryLab, RegistryProxy, rightCredentials } from './support/registry-lab.ts';

/** The machine's clock, except that nobody waits for a back-off. */
const hastyClock: Clock = {
  ...systemClock,
  setTimer: (_delayMs, callback) => {
    const timer = setImmediate(callback);
    return () => clearImmediate(timer);
  },
};

interface Lab {
  readonly registry: RegistryLab;
  readonly proxy: RegistryProxy;
  readonly agent: ImageLab;
  /** A further agent with other options. */
  another(options: Partial<ImageStoreOptions>): Promise<ImageLab>;
}

const inLab = (
  title: string,
  run: (t: ExecutionContext, lab: Lab) => Promise<void>,
  authentication: 'none' | 'basic' | 'token' = 'none',
): void => {
  // Serially: two cores only.
  test.serial(title, async (t) => {
    const registry = new RegistryLab(authentication);
    const stops: (() => Promise<void>)[] = [() => registry.stop()];
    const another = async (options: Partial<ImageStoreOptions>): Promise<ImageLab> => {
      const agent = new ImageLab(options, hastyClock);
      stops.push(() => agent.stop());
      await agent.images.start();
      return agent;
    };
    try {
      await registry.start();
      const proxy = new RegistryProxy(registry.port);
      stops.push(() => proxy.stop());
      await proxy.start();
      await run(t, { registry, proxy, agent: await another({}), another });
    } finally {
      for (const stop of stops.reverse()) await stop();
    }
  });
};

const layer = (name: string, content = name): Uint8Array => tarOf([{ name, content }]);
const app = imageOf([layer('base', 'x'.repeat(300_000)), layer('middle'), layer('top')], { gzip: true });
const digestsOf = (image: ImageFixture): readonly string[] => [image.config, ...image.layers].map(({ digest }) => digest).sort();

inLab('an image is pulled anonymously, with progress, and known by tag and by digest', async (t, { registry, proxy, agent }) => {
  await registry.push('team/app', app, ['1']);
  const seen: PullProgress[] = [];
  const image = await agent.images.pull(`${proxy.host}/team/app:1`, { onProgress: (progress) => seen.push(progress) });
  const total = app.layers.reduce((sum, { bytes }) => sum + bytes.length, 0);
  t.deepEqual(seen[0], { layersTotal: 3, layersDone: 0, bytesTotal: total, bytesDone: 0 });
  t.deepEqual(seen.at(-1), { layersTotal: 3, layersDone: 3, bytesTotal: total, bytesDone: total });
  t.like(image, { id: app.config.digest, digest: app.manifest.digest, layers: app.diffIds });
  t.deepEqual(image.names, [`${proxy.host}/team/app:1`]);
  t.is(agent.images.find(`${proxy.host}/team/app:1@${app.manifest.digest}`)?.id, image.id);
  const root = await agent.rootfses.mount('c1', await agent.images.layerFolders(image));
  t.is(readFileSync(join(root, 'top'), 'utf8'), 'top');
});

inLab('a second pull downloads no blob, and an image on the same base only what is new', async (t, { registry, proxy, agent }) => {
  const other = imageOf([layer('base', 'x'.repeat(300_000)), layer('middle'), layer('other')], { gzip: true });
  await registry.push('app', app, ['1']);
  await registry.push('app', other, ['2']);
  await agent.images.pull(`${proxy.host}/app:1`);
  t.deepEqual([...proxy.blobs()].sort(), digestsOf(app));
  proxy.asked.length = 0;
  await agent.images.pull(`${proxy.host}/app:1`);
  t.deepEqual(proxy.blobs(), []);
  await agent.images.pull(`${proxy.host}/app:2`);
  t.deepEqual([...proxy.blobs()].sort(), [other.config.digest, other.layers[2]?.digest].sort());
});

inLab('two pulls of one image at the same time download each blob once', async (t, { registry, proxy, agent }) => {
  await registry.push('app', app, ['1', '2']);
  const images = await Promise.all([agent.images.pull(`${proxy.host}/app:1`), agent.images.pull(`${proxy.host}/app:2`)]);
  t.is(images[0]?.id, images[1]?.id);
  t.deepEqual([...proxy.blobs()].sort(), digestsOf(app));
  t.deepEqual(
    agent.images.list().map(({ names }) => names),
    [[`${proxy.host}/app:1`, `${proxy.host}/app:2`]],
  );
});

inLab('an image is pulled by its digest', async (t, { registry, proxy, agent }) => {
  await registry.push('app', app, []);
  const name = `${proxy.host}/app@${app.manifest.digest}`;
  t.deepEqual((await agent.images.pull(name)).names, [name]);
  t.is((await failure(t, agent.images.pull(`${proxy.host}/app@sha256:${'0'.repeat(64)}`))).code, 'NOT_FOUND');
});

inLab('a name that the registry does not know is not found', async (t, { registry, agent }) => {
  await registry.push('app', app, ['1']);
  const error = await failure(t, agent.images.pull(`${registry.host}/app:9`));
  t.is(error.code, 'NOT_FOUND');
  t.true(error.message.includes(`${registry.host}/app:9`));
  t.is((await failure(t, agent.images.pull(`${registry.host}/nothing`))).code, 'NOT_FOUND');
});

inLab('what skopeo pushed in the docker format is pulled', async (t, { registry, agent }) => {
  const source = join(registry.dir, 'in.tar');
  writeFileSync(source, ociArchive([{ image: app, name: 'app:1' }]));
  await runCommand('skopeo', [
    '--insecure-policy',
    'copy',
    '-q',
    '--format',
    'v2s2',
    '--dest-tls-verify=false',
    `oci-archive:${source}`,
    `docker://${registry.host}/skopeo/app:1`,
  ]);
  const image = await agent.images.pull(`${registry.host}/skopeo/app:1`);
  t.deepEqual(image.layers, app.diffIds);
  t.deepEqual(image.config.command, ['/bin/sh']);
});

inLab('of an image for several platforms the right one is pulled', async (t, { registry, agent }) => {
  const of = (architecture: string, variant?: string): ImageFixture =>
    imageOf([layer(`${architecture}${variant}`)], { architecture, ...(variant === undefined ? {} : { variant }) });
  const platforms: readonly (readonly [architecture: string, variant?: string])[] = [
    ['amd64'],
    ['arm64', 'v8'],
    ['arm', 'v6'],
    ['arm', 'v7'],
  ];
  const images = platforms.map(([architecture, variant]) => ({
    image: of(architecture, variant),
    platform: { os: 'linux', architecture, ...(variant === undefined ? {} : { variant }) },
  }));
  const attestation = { image: imageOf([]), platform: { os: 'unknown', architecture: 'unknown' } };
  for (const { image } of [...images, attestation]) await registry.push('multi', image, []);
  const index = indexOf([attestation, ...images]);
  await registry.pushManifest('multi', index, ['1']);
  const name = `${registry.host}/multi:1`;
  for (const [n, platform] of (['linux/amd64', 'linux/aarch64', 'linux/arm/v6', 'linux/arm'] as const).entries()) {
    t.is((await agent.images.pull(name, { platform })).digest, images[n]?.image.manifest.digest ?? '', platform);
  }
  const error = await failure(t, agent.images.pull(name, { platform: 'linux/s390x' }));
  t.like(error, { code: 'NOT_FOUND', hint: 'It has linux/amd64, linux/arm/v6, linux/arm/v7, linux/arm64' });
  t.is(agent.images.find(`${registry.host}/multi@${index.digest}`)?.names.length, 0, 'known by the digest of the whole');
});

inLab('an image for another machine alone is refused, unless asked for', async (t, { registry, agent }) => {
  const foreign = imageOf([layer('a')], { architecture: 's390x' });
  await registry.push('foreign', foreign, ['1']);
  const error = await failure(t, agent.images.pull(`${registry.host}/foreign:1`));
  t.is(error.code, 'NOT_FOUND');
  t.deepEqual(agent.contents(), []);
  t.is((await agent.images.pull(`${registry.host}/foreign:1`, { platform: 'linux/s390x' })).platform.architecture, 's390x');
});

inLab(
  'basic authentication: the right password is needed',
  async (t, { registry, agent }) => {
    await registry.push('app', app, ['1']);
    const name = `${registry.host}/app:1`;
    t.is((await failure(t, agent.images.pull(name))).code, 'UNAUTHENTICATED');
    const wrong = await failure(t, agent.images.pull(name, { credentials: { username: 'puller', password: 'wrong' } }));
    t.is(wrong.code, 'UNAUTHENTICATED');
    t.true(wrong.message.includes('puller') && !wrong.sentence.includes('wrong'), 'the password is not repeated');
    t.is((await agent.images.pull(name, { credentials: rightCredentials })).id, app.config.digest);
  },
  'basic',
);

inLab(
  'token authentication: anyone pulls what is public, the right user the rest, one token for all layers',
  async (t, { registry, proxy, agent }) => {
    await registry.push('public/app', app, ['1']);
    await registry.push('private/app', imageOf([layer('secret'), layer('more')]), ['1']);
    t.is((await agent.images.pull(`${proxy.host}/public/app:1`)).id, app.config.digest);
    t.is(registry.tokensGiven, 1);
    const name = `${proxy.host}/private/app:1`;
    t.is((await failure(t, agent.images.pull(name))).code, 'UNAUTHENTICATED');
    t.is((await failure(t, agent.images.pull(name, { credentials: { username: 'puller', password: 'wrong' } }))).code, 'UNAUTHENTICATED');
    t.is((await agent.images.pull(name, { credentials: rightCredentials })).layers.length, 2);
    t.false(
      proxy.asked.some(({ authorization }) => authorization?.startsWith('Basic') === true),
      'the password goes to the token server only',
    );
  },
  'token',
);

inLab('a blob that was damaged in the registry is refused and nothing half-made is left', async (t, { registry, agent }) => {
  await registry.push('app', app, ['1']);
  const file = registry.blobFile(app.layers[1]?.digest ?? '');
  const bytes = readFileSync(file);
  bytes[20] = (bytes[20] ?? 0) ^ 0xff;
  writeFileSync(file, bytes);
  const error = await failure(t, agent.images.pull(`${registry.host}/app:1`));
  t.is(error.code, 'DATA_LOSS');
  t.true(error.message.includes(app.layers[1]?.digest ?? ''));
  t.deepEqual(agent.contents(), []);
  t.deepEqual(agent.images.list(), []);
});

inLab('a damaged manifest is refused', async (t, { registry, agent }) => {
  await registry.push('app', app, ['1']);
  const file = registry.blobFile(app.manifest.digest);
  writeFileSync(file, readFileSync(file, 'utf8').replace('"size":', '"size": '));
  t.is((await failure(t, agent.images.pull(`${registry.host}/app@${app.manifest.digest}`))).code, 'DATA_LOSS');
  t.deepEqual(agent.contents(), []);
});

inLab('a pull is cancelled in the midst of a blob and leaves nothing', async (t, { registry, proxy, agent }) => {
  await registry.push('app', app, ['1']);
  const abort = new AbortController();
  const big = app.layers[0]?.digest ?? '';
  proxy.fault = (asked, answer) => {
    if (asked.url?.endsWith(big) !== true) return false;
    // Some of it, and then nothing more.
    answer.writeHead(200, { 'content-length': String(app.layers[0]?.bytes.length) });
    answer.write(app.layers[0]?.bytes.subarray(0, 100));
    return true;
  };
  const work = agent.images.pull(`${proxy.host}/app:1`, {
    signal: abort.signal,
    onProgress: ({ bytesDone }) => bytesDone > 0 && abort.abort(),
  });
  t.is((await failure(t, work)).code, 'CANCELLED');
  t.deepEqual(agent.contents(), []);
  t.is((await failure(t, agent.images.pull(`${proxy.host}/app:1`, { signal: AbortSignal.abort() }))).code, 'CANCELLED');
});

inLab(
  'passing failures are tried again: errors of the server, connections cut at once and in the midst',
  async (t, { registry, proxy, agent }) => {
    await registry.push('app', app, ['1']);
    const failed = new Map<string, number>();
    proxy.fault = (asked, answer) => {
      const path = asked.url ?? '';
      const count = (failed.get(path) ?? 0) + 1;
      failed.set(path, count);
      if (path.includes('/manifests/') && count <= 2) answer.writeHead(503).end('busy');
      else if (path.includes('/blobs/') && count === 1) answer.destroy();
      else if (path.endsWith(app.layers[0]?.digest ?? '') && count === 2) {
        const bytes = app.layers[0]?.bytes ?? new Uint8Array(0);
        answer.writeHead(200, { 'content-length': String(bytes.length) });
        answer.write(bytes.subarray(0, 100), () => answer.destroy());
      } else return false;
      return true;
    };
    const seen: number[] = [];
    t.is((await agent.images.pull(`${proxy.host}/app:1`, { onProgress: ({ bytesDone }) => seen.push(bytesDone) })).id, app.config.digest);
    t.is(
      seen.at(-1),
      app.layers.reduce((sum, { bytes }) => sum + bytes.length, 0),
      'what was counted of a broken attempt is taken back',
    );
  },
);

inLab('a registry that stays away is unavailable, and nothing is left', async (t, { registry, proxy, agent }) => {
  await registry.push('app', app, ['1']);
  proxy.fault = (asked, answer) => asked.url?.includes('/blobs/') === true && answer.writeHead(502).end() !== undefined;
  t.is((await failure(t, agent.images.pull(`${proxy.host}/app:1`))).code, 'UNAVAILABLE');
  await proxy.stop();
  const error = await failure(t, agent.images.pull(`${proxy.host}/app:1`));
  t.is(error.code, 'UNAVAILABLE');
  t.regex(error.message, /ECONNREFUSED/);
  t.deepEqual(agent.contents(), []);
});

inLab(
  'a redirect to another host is followed without the credentials',
  async (t, { registry, proxy, agent }) => {
    await registry.push('app', app, ['1']);
    const seen: (string | undefined)[] = [];
    const elsewhere = createServer((asked, answer) => {
      seen.push(asked.headers.authorization);
      answer.end(readFileSync(registry.blobFile((asked.url ?? '').slice(1))));
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const { port } = elsewhere.address() as AddressInfo;
    proxy.fault = (asked, answer) => {
      const digest = /\/blobs\/(.*)$/.exec(asked.url ?? '')?.[1];
      if (digest === undefined) return false;
      answer.writeHead(307, { location: `http://127.0.0.1:${port}/${digest}` }).end();
      return true;
    };
    try {
      t.is((await agent.images.pull(`${proxy.host}/app:1`, { credentials: rightCredentials })).id, app.config.digest);
      t.is(seen.length, 4);
      t.true(seen.every((authorization) => authorization === undefined));
      t.true(
        proxy.asked.some(({ authorization }) => authorization !== undefined),
        'the registry itself was given them',
      );
    } finally {
      elsewhere.close();
      elsewhere.closeAllConnections();
    }
  },
  'basic',
);

inLab('a mirror is asked first and without credentials, the registry when the mirror fails', async (t, { registry, proxy, another }) => {
  await registry.push('app', app, ['1']);
  const agent = await another({ registryMirrors: { [registry.host]: [`http://${proxy.host}`] } });
  t.deepEqual((await agent.images.pull(`${registry.host}/app:1`, { credentials: rightCredentials })).names, [`${registry.host}/app:1`]);
  t.deepEqual([...proxy.blobs()].sort(), digestsOf(app));
  t.true(proxy.asked.every(({ authorization }) => authorization === undefined));
  await agent.images.remove(`${registry.host}/app:1`, new Set());
  proxy.fault = (_asked, answer) => answer.writeHead(404).end() !== undefined;
  t.is((await agent.images.pull(`${registry.host}/app:1`)).id, app.config.digest);
});

inLab('a registry with TLS is trusted by the given certificate only', async (t, { registry, another }) => {
  await registry.push('app', app, ['1']);
  const pair = await makeCertificate(registry.dir);
  const tls = new RegistryProxy(registry.port, pair);
  await tls.start();
  try {
    const registryMirrors = { '127.0.0.1:1': [`https://${tls.host}`] };
    const trusting = await another({ registryMirrors, caCertificates: [pair.cert] });
    t.is((await trusting.images.pull('127.0.0.1:1/app:1')).id, app.config.digest);
    const doubting = await another({ registryMirrors });
    t.is((await failure(t, doubting.images.pull('127.0.0.1:1/app:1'))).code, 'UNAVAILABLE');
  } finally {
    await tls.stop();
  }
});
