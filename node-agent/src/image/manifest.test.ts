import { TsoError } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { choosePlatform, encodeManifest, type Index, mediaTypes, parseManifest } from './manifest.ts';
import { parsePlatform } from './platform.ts';

const digest = (n: number): string => `sha256:${n.toString(16).padStart(64, '0')}`;
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const descriptor = (n: number, mediaType = 'x', more: object = {}): object => ({ mediaType, digest: digest(n), size: n, ...more });

const manifest = (more: object = {}): object => ({
  schemaVersion: 2,
  config: descriptor(1, mediaTypes.ociConfig),
  layers: [descriptor(2), descriptor(3)],
  ...more,
});
const index = (manifests: readonly object[], more: object = {}): object => ({ schemaVersion: 2, manifests, ...more });
const parse = (value: unknown, mediaType = ''): ReturnType<typeof parseManifest> => parseManifest(bytes(value), mediaType, 'image a');
const code = (t: { throws: (f: () => unknown, e: { instanceOf: typeof TsoError }) => TsoError }, value: unknown, mediaType = ''): string =>
  t.throws(() => parse(value, mediaType), { instanceOf: TsoError }).code;

test('an OCI and a docker manifest are read, layers lowest first', (t) => {
  for (const [type, config] of [
    [mediaTypes.ociManifest, mediaTypes.ociConfig],
    [mediaTypes.dockerManifest, mediaTypes.dockerConfig],
  ] as const) {
    const read = parse(manifest({ mediaType: type, config: descriptor(1, config) }), type);
    if (read.kind !== 'manifest') return t.fail();
    t.is(read.config.digest, digest(1));
    t.deepEqual(
      read.layers.map(({ sizeBytes }) => sizeBytes),
      [2, 3],
    );
  }
});

test('a manifest and an index are told apart by content where no type is stated', (t) => {
  t.is(parse(manifest()).kind, 'manifest');
  t.is(parse(index([])).kind, 'index');
});

test('content that contradicts its type, or is two things at once, is refused', (t) => {
  t.is(code(t, manifest(), mediaTypes.ociIndex), 'DATA_LOSS');
  t.is(code(t, index([]), mediaTypes.dockerManifest), 'DATA_LOSS');
  t.is(code(t, manifest({ mediaType: mediaTypes.ociIndex }), mediaTypes.ociManifest), 'DATA_LOSS');
  t.is(code(t, { ...manifest(), manifests: [] }), 'DATA_LOSS');
});

test('the retired schema 1 is named as such', (t) => {
  t.is(code(t, { schemaVersion: 1, fsLayers: [] }), 'UNIMPLEMENTED');
  t.is(code(t, manifest(), mediaTypes.dockerSchema1Signed), 'UNIMPLEMENTED');
});

test('what is no container image is refused by what it is', (t) => {
  const error = t.throws(() => parse(manifest({ config: descriptor(1, 'application/vnd.cncf.helm.config.v1+json') })), {
    instanceOf: TsoError,
  });
  t.is(error.code, 'FAILED_PRECONDITION');
  t.regex(error.message, /helm/);
});

test('each wrong field is refused and named', (t) => {
  const wrong: readonly (readonly [value: unknown, named: RegExp])[] = [
    [[], /object/],
    ['text', /object/],
    [null, /object/],
    [{}, /schemaVersion/],
    [{ schemaVersion: 2 }, /config/],
    [manifest({ config: descriptor(1, mediaTypes.ociConfig, { digest: 'sha256:short' }) }), /config\.digest/],
    [manifest({ config: descriptor(1, mediaTypes.ociConfig, { digest: '../../etc/passwd' }) }), /config\.digest/],
    [manifest({ config: descriptor(1, mediaTypes.ociConfig, { size: -1 }) }), /config\.size/],
    [manifest({ config: descriptor(1, mediaTypes.ociConfig, { size: '1' }) }), /config\.size/],
    [manifest({ layers: {} }), /layers/],
    [manifest({ layers: [1] }), /layers\[0\]/],
    [index([{ digest: digest(1), size: 1, platform: 'linux' }]), /manifests\[0\]\.platform/],
    [index([{ digest: digest(1), size: 1, annotations: { a: 1 } }]), /annotations\.a/],
  ];
  for (const [value, named] of wrong) {
    const error = t.throws(() => parse(value), { instanceOf: TsoError });
    t.is(error.code, 'DATA_LOSS');
    t.regex(error.message, named);
  }
  t.is(t.throws(() => parseManifest(new Uint8Array([0xff, 0x7b]), '', 'a'), { instanceOf: TsoError }).code, 'DATA_LOSS');
});

test('more layers than overlayfs stacks are refused', (t) => {
  t.is(parse(manifest({ layers: Array.from({ length: 500 }, (_, n) => descriptor(n)) })).kind, 'manifest');
  t.is(code(t, manifest({ layers: Array.from({ length: 501 }, (_, n) => descriptor(n)) })), 'RESOURCE_EXHAUSTED');
});

test('any JSON is read or refused with a TsoError', (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom('', ...Object.values(mediaTypes)), (value, type) => {
      try {
        return parse(value, type).kind.length > 0;
      } catch (error) {
        return error instanceof TsoError;
      }
    }),
  );
  t.pass();
});

const entry = (n: number, platform: string): object => {
  const { os, architecture, variant } = parsePlatform(platform);
  return descriptor(n, mediaTypes.ociManifest, { platform: { os, architecture, ...(variant === '' ? {} : { variant }) } });
};
const read = (entries: readonly object[]): Index => {
  const value = parse(index(entries));
  if (value.kind !== 'index') throw new Error('an index was written');
  return value;
};
const chosen = (entries: readonly object[], platform: string): number =>
  choosePlatform(read(entries), parsePlatform(platform), 'image a').sizeBytes;

test('the manifest for the platform is chosen, the best variant that runs, the first among equals', (t) => {
  const entries = [
    entry(1, 'linux/arm/v6'),
    entry(2, 'linux/arm/v7'),
    entry(3, 'linux/amd64'),
    entry(4, 'linux/amd64'),
    entry(5, 'linux/arm64'),
  ];
  t.is(chosen(entries, 'linux/arm/v7'), 2);
  t.is(chosen(entries, 'linux/arm/v6'), 1);
  t.is(chosen(entries, 'linux/amd64'), 3);
  t.is(chosen(entries, 'linux/amd64/v3'), 3);
  t.is(chosen(entries, 'linux/arm64'), 5);
  t.is(chosen(entries.toReversed(), 'linux/amd64'), 4);
});

test('attestations are never chosen', (t) => {
  const attestation = descriptor(9, mediaTypes.ociManifest, {
    platform: { os: 'linux', architecture: 'amd64' },
    annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
  });
  t.is(chosen([attestation, entry(1, 'linux/amd64')], 'linux/amd64'), 1);
});

test('entries without any platform: the first; a platform that is lacking is refused with what there is', (t) => {
  t.is(chosen([descriptor(7), descriptor(8)], 'linux/amd64'), 7);
  const error = t.throws(() => chosen([entry(1, 'linux/arm64'), entry(2, 'linux/arm'), descriptor(3)], 'linux/amd64'), {
    instanceOf: TsoError,
  });
  t.like(error, { code: 'NOT_FOUND', hint: 'It has linux/arm/v7, linux/arm64' });
  t.is(t.throws(() => chosen([], 'linux/amd64'), { instanceOf: TsoError }).code, 'NOT_FOUND');
});

test('a manifest of our own making is read back', (t) => {
  const layers = [{ mediaType: mediaTypes.ociLayer, digest: digest(2), sizeBytes: 2 }];
  const value = parseManifest(encodeManifest({ digest: digest(1), sizeBytes: 1 }, layers), mediaTypes.ociManifest, 'a');
  t.like(value, { kind: 'manifest', config: { digest: digest(1), sizeBytes: 1 } });
  if (value.kind === 'manifest') t.like(value.layers[0], layers[0] ?? {});
});
