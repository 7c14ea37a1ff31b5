import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { IdentityFile } from './identity.ts';

const membership = { addressPool: '10.128.0.0/12', firstVni: 4096, vxlanPort: 4789 };
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
    t.deepEqual(await second.start(), { nodeId });
    await second.join(membership);
    t.deepEqual(second.current, { nodeId, membership });
    t.deepEqual(await fileIn(dataDir).start(), { nodeId, membership });
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
