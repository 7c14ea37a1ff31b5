// Bundles the two daemons beside the command line: cli/dist/tsod.mjs and cli/dist/tso-manager.mjs. One file each starts
// faster and holds less memory than the sources, which would need the type stripper in the process.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');
const outputDir = join(root, 'cli/dist');

/** Resolved at run time: it carries a native module, which a bundle cannot. */
const external = ['@lydell/node-pty'];

/** CommonJS dependencies call require for node's own modules; an ES module has none of its own. */
const banner = "import { createRequire as tsoCreateRequire } from 'node:module';\nconst require = tsoCreateRequire(import.meta.url);";

/**
 * Importing a module of node's own as an ES module reads every name it exports, and some of node:http's and node:crypto's
 * load whole libraries (15 MiB at rest). Taken as an object, a name is read when it is used.
 */
const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:/ }, ({ path, kind }) => (kind === 'import-statement' ? { path, namespace: 'builtin' } : undefined));
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({ contents: `module.exports = process.getBuiltinModule('${path}')` }));
  },
};

/** Replaces a file in one step: a program that starts meanwhile reads the old one or the new one, whole. */
const replaceFile = (path: string, contents: Uint8Array): void => {
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, contents, { mode: 0o644 });
  renameSync(fresh, path);
};

/** Writes the bundle of one main file and its source map. */
export const bundle = async (main: string, output: string): Promise<void> => {
  const result = await build({
    entryPoints: [main],
    outfile: output,
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    external,
    plugins: [lazyBuiltins],
    banner: { js: banner },
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'warning',
  });
  mkdirSync(join(output, '..'), { recursive: true });
  for (const file of result.outputFiles) replaceFile(join(outputDir, basename(file.path)), file.contents);
};

if (import.meta.main) {
  const built = await Promise.allSettled([
    bundle(join(root, 'node-agent/src/main.ts'), join(outputDir, 'tsod.mjs')),
    bundle(join(root, 'manager/src/main.ts'), join(outputDir, 'tso-manager.mjs')),
  ]);
  // esbuild has said why, with file and line; a stack trace of its own adds nothing.
  if (built.some(({ status }) => status === 'rejected')) process.exitCode = 1;
}
