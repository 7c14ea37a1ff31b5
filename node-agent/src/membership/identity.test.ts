import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { IdentityFile, type Membership } from './identity.ts';

const membership: Membership = {
  clusterId: '',
  role: 'manager',
  retired: false,
  founder: true,
  leaving: false,
  addressPool: '10.128.0.0/12',
  firstVni: 4096,
  vxlanPort: 4789,
  subnetPrefix: 24,
  listenAddr: '',
  advertiseAddr: '',
};
let seed = 0;
const random = { number: () => 0.5, bytes: (count: number) => new Uint8Array(count).fill(++seed) };

const withFolder = async (body: (dataDir: string) => Promise<void>): Promise<void> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tso-identity-'));
  try {
    await body(dataDir);
  } finally {
    await rm(dataDir, { recursive: true });
  }
};
const fileIn = (dataDir: string): IdentityFile => new IdentityFile({ paths: { dataDir, runDir: dataDir } }, { random });

test('a node is made once and stays who it is, its membership included', (t) =>
  withFolder(async (dataDir) => {
    const { nodeId } = await fileIn(dataDir).start();
    const second = fileIn(dataDir);
    t.deepEqual(await second.start(), { nodeId, membership: undefined });
    await second.join(membership);
    t.deepEqual(second.current, { nodeId, membership });
    t.deepEqual(await fileIn(dataDir).start(), { nodeId, membership });
  }));

test('what an earlier release wrote is a cluster of one that began here', (t) =>
  withFolder(async (dataDir) => {
    await writeFile(
      join(dataDir, 'node.json'),
      '{"nodeId":"a","membership":{"addressPool":"10.128.0.0/12","firstVni":4096,"vxlanPort":4789}}',
    );
    t.deepEqual(await fileIn(dataDir).start(), { nodeId: 'a', membership });
  }));

test('changes that come at one time do not undo each other', (t) =>
  withFolder(async (dataDir) => {
    const file = fileIn(dataDir);
    await file.start();
    await t.throwsAsync(file.change({ role: 'worker' }), { code: 'FAILED_PRECONDITION' });
    await file.join(membership);
    await Promise.all([
      file.change({ clusterId: 'c' }),
      file.change({ role: 'worker', retired: true }),
      file.change({ advertiseAddr: 'x:1' }),
    ]);
    const changed = { ...membership, clusterId: 'c', role: 'worker', retired: true, advertiseAddr: 'x:1' };
    t.deepEqual((await fileIn(dataDir).start()).membership, changed);
  }));

test('a node that leaves is another one, a node that was never part of it is not', (t) =>
  withFolder(async (dataDir) => {
    const file = fileIn(dataDir);
    const { nodeId } = await file.start();
    await file.join(membership);
    await file.abandon();
    t.deepEqual(file.current, { nodeId, membership: undefined });
    await file.join(membership);
    await file.leave();
    t.is(file.current.membership, undefined);
    t.not(file.current.nodeId, nodeId);
    t.is((await fileIn(dataDir).start()).nodeId, file.current.nodeId);
  }));

test('a damaged file is refused by name, with what to do', (t) =>
  withFolder(async (dataDir) => {
    const path = join(dataDir, 'node.json');
    for (const text of ['{"nodeId":"a', '{}', '{"nodeId":""}', '{"nodeId":"a","membership":{"addressPool":7}}', '[]']) {
      await writeFile(path, text);
      const error = await t.throwsAsync(fileIn(dataDir).start(), { code: 'DATA_LOSS' }, text);
      t.true(error?.message.includes(path), text);
    }
    await rm(path);
    await mkdir(path);
    await t.throwsAsync(fileIn(dataDir).start(), { code: 'DATA_LOSS', message: /EISDIR/ });
  }));
