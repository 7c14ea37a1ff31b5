import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import { HostResolvers } from './host-resolvers.ts';

const make = async (t: ExecutionContext) => {
  const dir = await mkdtemp(join(tmpdir(), 'host-resolvers-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  const path = join(dir, 'resolv.conf');
  const time = { ms: 0 };
  const clock: Clock = { now: () => time.ms, monotonic: () => time.ms, setTimer: () => () => undefined };
  return { path, time, resolvers: new HostResolvers({ path }, { clock }) };
};

test('questions that come at once all wait for the first look', async (t) => {
  const { path, resolvers } = await make(t);
  await writeFile(path, 'nameserver 192.0.2.53\n');
  const confs = await Promise.all([resolvers.conf(), resolvers.conf(), resolvers.conf()]);
  t.deepEqual(
    confs.map(({ servers }) => servers),
    [['192.0.2.53'], ['192.0.2.53'], ['192.0.2.53']],
  );
});

test('a file that changed is read again within a second, one that is gone means the host itself', async (t) => {
  const { path, time, resolvers } = await make(t);
  t.deepEqual((await resolvers.conf()).servers, ['127.0.0.1']);
  await writeFile(path, 'nameserver 192.0.2.53\n');
  t.deepEqual((await resolvers.conf()).servers, ['127.0.0.1'], 'looked a moment ago');
  time.ms += 1_000;
  t.deepEqual((await resolvers.conf()).servers, ['192.0.2.53']);
  t.is(await resolvers.text(), 'nameserver 192.0.2.53\n');
  await rm(path);
  time.ms += 1_000;
  t.deepEqual((await resolvers.conf()).servers, ['127.0.0.1']);
  t.is(await resolvers.text(), '');
});
