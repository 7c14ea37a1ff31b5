import { TsoError } from '@tso/proto';
import test from 'ava';
import { emptyConfig, encodeConfig, parseConfig } from './image-config.ts';
import type { ImageConfig } from './types.ts';

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const diffId = `sha256:${'1'.repeat(64)}`;

test('a configuration as docker writes it is read', (t) => {
  const read = parseConfig(
    bytes({
      architecture: 'arm64',
      variant: 'v8',
      os: 'linux',
      created: '2024-05-06T07:08:09.123456789Z',
      config: {
        User: 'web:web',
        ExposedPorts: { '80/tcp': {}, '53/udp': {} },
        Env: ['A=b'],
        Entrypoint: ['/e'],
        Cmd: null,
        Volumes: { '/data': {} },
        WorkingDir: '/w',
        Labels: { a: 'b' },
        StopSignal: 'SIGINT',
        OnBuild: null,
      },
      rootfs: { type: 'layers', diff_ids: [diffId] },
    }),
    'a',
  );
  t.deepEqual(read, {
    platform: { os: 'linux', architecture: 'arm64', variant: '' },
    createdAtMs: Date.UTC(2024, 4, 6, 7, 8, 9, 123),
    config: {
      entrypoint: ['/e'],
      command: [],
      env: ['A=b'],
      workingDir: '/w',
      user: 'web:web',
      volumes: ['/data'],
      exposedPorts: ['80/tcp', '53/udp'],
      stopSignal: 'SIGINT',
      labels: { a: 'b' },
    },
    diffIds: [diffId],
  });
});

test('the least that a configuration may say is enough', (t) => {
  t.deepEqual(parseConfig(bytes({ rootfs: { type: 'layers' } }), 'a'), {
    platform: { os: 'linux', architecture: '', variant: '' },
    createdAtMs: 0,
    config: emptyConfig,
    diffIds: [],
  });
  t.is(parseConfig(bytes({ created: 'yesterday', rootfs: {} }), 'a').createdAtMs, 0);
});

test('wrong fields are refused by name', (t) => {
  const wrong: readonly (readonly [value: unknown, named: RegExp])[] = [
    [{}, /rootfs/],
    [{ rootfs: { diff_ids: ['x'] } }, /diff_ids\[0\]/],
    [{ rootfs: {}, config: { Env: 'A=b' } }, /config\.Env/],
    [{ rootfs: {}, config: { Cmd: [1] } }, /config\.Cmd\[0\]/],
    [{ rootfs: {}, config: { Labels: { a: 1 } } }, /Labels\.a/],
    [{ rootfs: {}, os: 1 }, /os/],
  ];
  for (const [value, named] of wrong) {
    const error = t.throws(() => parseConfig(bytes(value), 'a'), { instanceOf: TsoError });
    t.is(error.code, 'DATA_LOSS');
    t.regex(error.message, named);
  }
});

test('a configuration of our own making is read back', (t) => {
  const config: ImageConfig = {
    entrypoint: ['/e'],
    command: ['c'],
    env: ['A=b'],
    workingDir: '/w',
    user: 'u',
    volumes: ['/v'],
    exposedPorts: ['80/tcp'],
    stopSignal: 'SIGINT',
    labels: { a: 'b' },
  };
  for (const one of [config, emptyConfig]) {
    const blob = encodeConfig({
      platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
      created: '2024-01-01T00:00:00.000Z',
      config: one,
      diffIds: [diffId],
      comment: 'c',
    });
    t.like(parseConfig(blob, 'a'), {
      config: one,
      diffIds: [diffId],
      createdAtMs: Date.UTC(2024, 0, 1),
      platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
    });
  }
});
