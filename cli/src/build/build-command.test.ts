import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { alone } from '../testing/run-with.ts';

const unbuilt = 'services:\n  web:\n    image: x\n    isolation: hyperv\n';

const build = (t: ExecutionContext, ...argv: readonly string[]) => {
  const cwd = mkdtempSync(join(tmpdir(), 'tso-cli-build-'));
  t.teardown(() => rmSync(cwd, { recursive: true, force: true }));
  writeFileSync(join(cwd, 'stack.yml'), unbuilt);
  return alone(['build', '-f', 'stack.yml', ...argv], { cwd });
};

test('where nothing is to be built it is said, of the services that were named', async (t) => {
  const { code, out, err } = await build(t);
  t.deepEqual([code, out], [0, '']);
  t.regex(err, /\nNo service has a build section: there is nothing to build\.\n$/);
  t.regex((await build(t, 'web')).err, /\nNone of these services has a build section: web\.\n$/);
});

test('warnings about the file are told also beside a document', async (t) => {
  const { code, out, err } = await build(t, '--format', 'json');
  t.deepEqual([code, JSON.parse(out)], [0, []]);
  t.regex(err, /stack\.yml:4:5: warning W400: isolation has no effect/);
});

test('options that leave nothing of each other are wrong usage, and so is an argument without a value', async (t) => {
  const both = await build(t, '--no-load', '--node', 'alpha');
  t.is(both.code, 2);
  t.regex(both.err, /--node alpha has no meaning with --no-load/);
  const none = await build(t, '--build-arg', 'VERSION');
  t.is(none.code, 1);
  t.regex(none.err, /--build-arg VERSION: there is no variable VERSION in the environment\. Write --build-arg VERSION=VALUE, or set it/);
});
