import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, type PutConfigRequest, type PutSecretRequest, type SecretView, TsoError } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import type { FakeDaemonOptions } from './testing/fake-daemon.ts';
import { runWith } from './testing/run-with.ts';
import { aView } from './testing/views.ts';

const meta = { version: 9, createdAtMs: 1_700_000_000_000, updatedAtMs: 1_700_000_000_000 };
const key: SecretView = { name: 'visits_key', labels: {}, meta, stack: 'visits', sizeBytes: 12, usedBy: ['visits_api', 'visits_web'] };
const hand: SecretView = { ...key, name: 'pass', labels: { team: 'x' }, stack: '', sizeBytes: 1_500, usedBy: [] };
const conf: Config = { id: 'nginx', name: 'nginx', labels: {}, data: Buffer.from('listen 80;\n'), stack: '', meta };
const owned: Config = { ...conf, id: 'visits_conf', name: 'visits_conf', stack: 'visits' };
const orphan: Config = { ...conf, id: 'gone_conf', name: 'gone_conf', stack: 'gone' };

interface Cluster extends FakeDaemonOptions {
  readonly secrets: PutSecretRequest[];
  readonly configs: PutConfigRequest[];
  readonly removed: string[];
}

const cluster = (): Cluster => {
  const secrets: PutSecretRequest[] = [];
  const configs: PutConfigRequest[] = [];
  const removed: string[] = [];
  const found = <T extends { readonly name: string }>(all: readonly T[], name: string, word: string): T => {
    const one = all.find((each) => each.name === name);
    if (one === undefined) throw new TsoError('NOT_FOUND', `there is no ${word} ${name}`);
    return one;
  };
  return {
    secrets,
    configs,
    removed,
    control: {
      listSecrets: async () => ({ secrets: [hand, key], version: 3 }),
      getSecret: async ({ name }) => found([hand, key], name, 'secret'),
      putSecret: async (request) => {
        if (request.name === 'taken' && request.expectedVersion === 0)
          throw new TsoError('CONFLICT', 'secret taken is at version 4: it was not to exist yet', { details: { expected: 0, actual: 4 } });
        secrets.push(request);
        return { version: 5 };
      },
      removeSecret: async ({ name }) => {
        found([hand, key], name, 'secret');
        if (name === key.name)
          throw new TsoError('FAILED_PRECONDITION', 'secret visits_key is in use by services visits_api, visits_web', {
            details: { outcome: 'refused' },
          });
        removed.push(name);
        return { version: 6 };
      },
      listConfigs: async () => ({
        configs: [conf, owned, orphan].map((config) => ({ ...config, data: new Uint8Array() })),
        version: 3,
        uses: [
          { sizeBytes: 11, usedBy: [] },
          { sizeBytes: 11, usedBy: ['visits_web'] },
          { sizeBytes: 11, usedBy: ['other_web'] },
        ],
      }),
      getStack: async ({ name }) => aView([], { name, exists: name === 'visits' }),
      getConfig: async ({ name }) => found([conf, owned], name, 'config'),
      putConfig: async (request) => {
        configs.push(request);
        return { version: 5 };
      },
      removeConfig: async ({ name }) => {
        removed.push(found([conf, owned], name, 'config').name);
        return { version: 6 };
      },
    },
  };
};

const folder = async (t: ExecutionContext): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'tso-files-'));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
};

test('secrets ls shows whose they are and who uses them', async (t) => {
  const { code, out } = await runWith(t, cluster(), ['secrets', 'ls']);
  t.is(code, 0);
  t.is(
    out,
    [
      'NAME         STACK      SIZE   UPDATED                    USED BY',
      'pass                  1.5 kB   2023-11-14T22:13:20.000Z',
      'visits_key   visits     12 B   2023-11-14T22:13:20.000Z   visits_api, visits_web',
      '',
    ].join('\n'),
  );
  t.is((await runWith(t, cluster(), ['secrets', 'ls', '-q'])).out, 'pass\nvisits_key\n');
  t.like(JSON.parse((await runWith(t, cluster(), ['secrets', 'ls', '--format', 'json'])).out)[1], {
    name: 'visits_key',
    services: ['visits_api', 'visits_web'],
    sizeBytes: 12,
  });
});

test('a secret is made of a file or of standard input, byte by byte', async (t) => {
  const cwd = await folder(t);
  const bytes = Uint8Array.of(0, 255, 10);
  await writeFile(join(cwd, 'key'), bytes);
  const daemon = cluster();
  const made = await runWith(t, daemon, ['secrets', 'create', 'new', 'key', '--label', 'team=x', '-l', 'bare'], { cwd });
  t.deepEqual([made.code, made.out], [0, 'new\n']);
  t.deepEqual(daemon.secrets, [{ name: 'new', data: Buffer.from(bytes), labels: { team: 'x', bare: '' }, expectedVersion: 0 }]);
  const piped = await runWith(t, daemon, ['secrets', 'create', '--replace', '--format', 'json', 'new', '-'], { stdin: 'hunter2\n' });
  t.deepEqual(JSON.parse(piped.out), { name: 'new', version: 5 });
  t.is(Buffer.from(daemon.secrets[1]?.data ?? []).toString(), 'hunter2\n');
  t.is(daemon.secrets[1]?.expectedVersion, undefined);
});

test('what a secret is to hold is refused when it cannot be read or is too large', async (t) => {
  const cwd = await folder(t);
  await writeFile(join(cwd, 'large'), new Uint8Array(500 * 1024 + 1));
  const daemon = cluster();
  const create = (file: string) => runWith(t, daemon, ['secrets', 'create', 'new', file], { cwd });
  t.regex((await create('absent')).err, /cannot read absent: there is no such file/);
  t.regex((await create('.')).err, /cannot read \.: it is a folder/);
  t.regex((await create('large')).err, /large has more than the 512000 bytes that a secret may have/);
  t.regex((await create('/dev/zero')).err, /\/dev\/zero has more than the 512000 bytes/);
  t.is((await runWith(t, daemon, ['secrets', 'create', 'new', 'large', '--label', '=x'], { cwd })).code, 2);
  t.deepEqual(daemon.secrets, []);
});

test('what exists is not overwritten unless that is asked for', async (t) => {
  const refused = await runWith(t, cluster(), ['secrets', 'create', 'taken', '-'], { stdin: 'x' });
  t.not(refused.code, 0);
  t.regex(refused.err, /secret taken exists already/);
  t.regex(refused.err, /--replace/);
  const daemon = cluster();
  t.is((await runWith(t, daemon, ['secrets', 'create', '--replace', 'taken', '-'], { stdin: 'x' })).code, 0);
  const owner = await runWith(t, daemon, ['configs', 'create', '--replace', 'visits_conf', '-'], { stdin: 'x' });
  t.regex(owner.err, /config visits_conf belongs to stack visits/);
  t.deepEqual(daemon.configs, []);
  t.is((await runWith(t, daemon, ['configs', 'create', '--replace', 'gone_conf', '-'], { stdin: 'x' })).code, 0);
});

test('secrets inspect and rm take several names; -f makes one that is not there no error', async (t) => {
  const shown = await runWith(t, cluster(), ['secrets', 'inspect', 'pass', 'visits_key']);
  t.regex(shown.out, /^Name: +pass\nStack: +\(made by hand\)\nSize: +1500 bytes\nUsed by: +\(nothing\)\nLabels: +team=x\n/);
  t.regex(shown.out, /Used by: +visits_api, visits_web/);
  t.is((await runWith(t, cluster(), ['secrets', 'inspect', 'nobody'])).code, 1);
  const daemon = cluster();
  t.regex((await runWith(t, daemon, ['secrets', 'rm', 'visits_key'])).err, /in use by services visits_api, visits_web/);
  const forced = await runWith(t, daemon, ['secrets', 'rm', '-f', 'nobody', 'pass']);
  t.deepEqual([forced.code, forced.out], [0, 'pass\n']);
  t.not((await runWith(t, daemon, ['secrets', 'rm', 'nobody'])).code, 0);
  t.deepEqual(daemon.removed, ['pass']);
});

test('configs show what they hold when asked to, secrets have no way to', async (t) => {
  t.regex((await runWith(t, cluster(), ['configs', 'ls'])).out, /visits_conf +visits +11 B +\S+ +visits_web/);
  t.is((await runWith(t, cluster(), ['configs', 'inspect', '--data', 'nginx'])).out, 'listen 80;\n');
  t.regex((await runWith(t, cluster(), ['configs', 'inspect', 'nginx'])).out, /Size: +11 bytes/);
  const json = JSON.parse((await runWith(t, cluster(), ['configs', 'inspect', 'nginx', '--format', 'json'])).out);
  t.like(json[0], { name: 'nginx', sizeBytes: 11, data: 'listen 80;\n', encoding: 'utf-8' });
  t.regex((await runWith(t, cluster(), ['configs', 'inspect', 'nobody'])).err, /there is no config nobody/);
  t.is((await runWith(t, cluster(), ['secrets', 'inspect', '--data', 'pass'])).code, 2);
  t.is((await runWith(t, cluster(), ['configs', 'rm', 'nginx'])).out, 'nginx\n');
});
