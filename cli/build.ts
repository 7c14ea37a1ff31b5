// Bundles the command line: dist/tso.mjs, which loads the rest (dist/cli-*.mjs) only when a command needs it. Other
// programs' files in dist are left alone.
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, type Plugin } from 'esbuild';

const chunkPrefix = 'cli-';

/** CommonJS dependencies call require for node's own modules; an ES module has none of its own. */
const banner = "import{createRequire as tsoRequire}from'node:module';const require=tsoRequire(import.meta.url);";

/**
 * Modules of ours do nothing when loaded but define what they export, so what is not used may be left out: without
 * this, every start would load the wire codec for the sake of one error class.
 */
const pureModules: Plugin = {
  name: 'pure-modules',
  setup: ({ onResolve, resolve }) => {
    onResolve({ filter: /^(@tso\/|\.)/ }, async ({ path, pluginData, ...rest }) => {
      if (pluginData === 'resolved') return undefined;
      const result = await resolve(path, { ...rest, pluginData: 'resolved' });
      const ours = /\/(proto|compose|cli)\/src\//.test(result.path) && !result.path.endsWith('/cli/src/main.ts');
      return ours ? { ...result, sideEffects: false } : result;
    });
  },
};

/** Ink looks for React's developer tools when DEV=true; they are not part of what is shipped. */
export const noDevtools: Plugin = {
  name: 'no-devtools',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => ({ path, namespace: 'none' }));
    onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'export default {}' }));
  },
};

/**
 * Importing these as ES modules reads all that they export, and some of that is made on first reading: web crypto and undici, 10 to 20 ms
 * of each start. As values of a CommonJS module they are read one by one, when something asks for them.
 */
const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:(crypto|http|https)$/ }, ({ path }) => ({ path, namespace: 'lazy-builtin' }));
    onLoad({ filter: /.*/, namespace: 'lazy-builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

/** Replaces a file in one step: a program that starts meanwhile reads the old one or the new one, whole. */
const replaceFile = (path: string, contents: Uint8Array): void => {
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, contents, { mode: 0o644 });
  renameSync(fresh, path);
};

/** Writes the bundle into the folder and removes the parts of earlier builds. The result: names of the files, the program first. */
export const buildCli = async (outputDir: string): Promise<readonly string[]> => {
  const result = await build({
    entryPoints: [{ in: join(import.meta.dirname, 'src/main.ts'), out: 'tso' }],
    outdir: outputDir,
    outExtension: { '.js': '.mjs' },
    chunkNames: `${chunkPrefix}[name]-[hash]`,
    bundle: true,
    splitting: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: true,
    keepNames: false,
    legalComments: 'none',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: { js: banner },
    plugins: [pureModules, noDevtools, lazyBuiltins],
    logLevel: 'warning',
  });
  mkdirSync(outputDir, { recursive: true });
  const names = result.outputFiles.map((file) => basename(file.path));
  // Parts before the program: whoever starts it meanwhile finds all that it names.
  const ordered = result.outputFiles.toSorted((a, b) => Number(basename(a.path) === 'tso.mjs') - Number(basename(b.path) === 'tso.mjs'));
  for (const file of ordered) replaceFile(join(outputDir, basename(file.path)), file.contents);
  chmodSync(join(outputDir, 'tso.mjs'), 0o755);
  for (const name of readdirSync(outputDir)) {
    if (name.startsWith(chunkPrefix) && !names.includes(name)) rmSync(join(outputDir, name));
  }
  return names;
};

if (import.meta.main) {
  const names = await buildCli(join(import.meta.dirname, 'dist'));
  console.log(`cli/dist: ${names.length} files`);
}
