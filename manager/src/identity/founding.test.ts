import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, emptyMeta } from '@tso/proto';
import type { NewIdentity } from '@tso/proto/pki';
import test, { type ExecutionContext } from 'ava';
import { type FoundingPorts, forgetFounding, prepareFounding, readFounding } from './founding.ts';

const authority: Authority = {
  id: 'authority',
  meta: emptyMeta,
  certificate: 'PEM',
  key: 'SECRET',
  epoch: 1,
  workerSecret: 'w',
  managerSecret: 'm',
  certificateLifeMs: 1,
  revoked: [],
  unlockKey: '',
};

const identity = (certificate: string): NewIdentity => ({
  authorities: '',
  certificate,
  key: '',
  role: 'manager',
  clusterId: 'c1',
  authorityEpoch: 1,
  notAfterMs: 2,
  renewAtMs: 1,
});

const begin = async (t: ExecutionContext) => {
  const stateDir = await mkdtemp(join(tmpdir(), 'tso-founding-'));
  t.teardown(() => rm(stateDir, { recursive: true, force: true }));
  const written: string[] = [];
  let made = 0;
  const ports = (more: Partial<FoundingPorts> = {}): FoundingPorts => ({
    make: async () => {
      made += 1;
      return { clusterId: `c${made}`, authority, identity: identity('first') };
    },
    issue: async ({ clusterId }) => identity(`again for ${clusterId}`),
    hasIdentity: async () => written.length > 0,
    writeIdentity: async ({ certificate }) => written.push(certificate),
    ...more,
  });
  return { stateDir, written, ports };
};

test('a founding is kept, readable by its owner only, until the store has it', async (t) => {
  const { stateDir, written, ports } = await begin(t);
  t.is((await prepareFounding(stateDir, ports())).clusterId, 'c1');
  t.is((await stat(join(stateDir, 'founding.json'))).mode & 0o777, 0o600);
  t.is((await prepareFounding(stateDir, ports())).clusterId, 'c1', 'the next start goes on with the same');
  t.deepEqual(written, ['first']);
  await forgetFounding(stateDir);
  t.is(await readFounding(stateDir), undefined);
});

test('a crash before the certificate was written is gone on from with the same authority', async (t) => {
  const { stateDir, written, ports } = await begin(t);
  const crash = { writeIdentity: () => Promise.reject(new Error('crash')) };
  await t.throwsAsync(prepareFounding(stateDir, ports(crash)), { message: 'crash' });
  const { authority: kept, clusterId } = await prepareFounding(stateDir, ports());
  t.deepEqual([kept, clusterId], [authority, 'c1']);
  t.deepEqual(written, ['again for c1']);
});

test('a damaged founding is named', async (t) => {
  const { stateDir, ports } = await begin(t);
  await writeFile(join(stateDir, 'founding.json'), '{"clusterId":');
  await t.throwsAsync(prepareFounding(stateDir, ports()), { code: 'DATA_LOSS', message: /founding.json is damaged/ });
});
