import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { succeed } from '../../lab/support/command.ts';

const root = join(import.meta.dirname, '../../..');

/** What the guest sees below /opt/tso, at the places it has in the clone, so that its relative imports hold. */
const contents = [
  'cli/dist',
  'node_modules/@lydell',
  'test/vm/guest',
  'node-agent/src/runtime/cgroup-tree.ts',
  'node-agent/src/runtime/cgroup-v2.ts',
  'node-agent/src/runtime/stats.ts',
];

/** Programs of one file each: of the networks of a host alone, and one that is started often, where Node.js is slow to take types away. */
const bundles = [
  { in: join(root, 'node-agent/src/network/testing/main.ts'), out: 'networks' },
  { in: join(root, 'test/vm/guest/traffic.ts'), out: 'traffic' },
];

/** Makes a disk with Node.js, the built programs, `networks.mjs`, `traffic.mjs` and the guest's checks. The result is its path. */
export const makeToolsDisk = async (folder: string): Promise<string> => {
  const tree = join(folder, 'tools');
  await mkdir(tree);
  await cp(process.execPath, join(tree, 'node'));
  for (const path of contents) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await cp(join(root, path), join(tree, path), { recursive: true, dereference: true, filter: (name) => !name.endsWith('.map') });
  }
  await build({
    entryPoints: bundles,
    outdir: tree,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    banner: { js: "import{createRequire as tsoRequire}from'node:module';const require=tsoRequire(import.meta.url);" },
    logLevel: 'error',
  });
  await writeFile(join(tree, 'package.json'), '{"type":"module"}\n');
  const disk = join(folder, 'tools.ext4');
  await succeed('mkfs.ext4', ['-q', '-F', '-O', '^has_journal', '-d', tree, disk, '400M']);
  return disk;
};
