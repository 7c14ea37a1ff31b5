// What lies on the disk of a manager: for nobody's eyes but root's, and its secrets sealed even from a copy of single files.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseToken } from '@tso/proto';
import test from 'ava';
import { within } from '../consensus/within.ts';
import { anyRoot } from './forged.ts';
import { Site } from './site.ts';

/** Files, folders and sockets below it, links not followed. */
const below = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? [path, ...below(path)] : entry.isSymbolicLink() ? [] : [path];
  });

const gone = async (path: string): Promise<void> => {
  while (existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 10));
};

test('the secrets of the cluster are in no file of a manager as they are, and its files are its own', async (t) => {
  const root = await anyRoot();
  const site = await Site.start(t, root);
  const { worker, manager } = await site.ca.getJoinTokens({});
  const { key: unlockKey } = await site.ca.setAutolock({ enabled: true, rotate: false });
  await site.join('worker');
  const { stateDir, identityDir = '', socket } = site.config;
  // It holds the key of the root until the log does.
  await within(10_000, 'the end of the founding', gone(join(stateDir, 'founding.json')));

  const secrets: Readonly<Record<string, string>> = {
    'the key of the root': root.key.split('\n')[1] ?? '',
    'the secret of workers': parseToken(worker).secret,
    'the secret of managers': parseToken(manager).secret,
    'the unlock key': unlockKey,
  };
  t.true(Object.values(secrets).every((secret) => secret.length > 20));
  const paths = [...below(stateDir), ...below(identityDir)];
  t.true(paths.length > 8, paths.join());
  for (const path of paths) {
    const entry = statSync(path);
    t.is(entry.mode & 0o077, 0, path);
    if (!entry.isFile()) continue;
    const bytes = readFileSync(path);
    for (const [what, secret] of Object.entries(secrets)) t.false(bytes.includes(secret), `${what} in ${path}`);
  }
  t.is(statSync(socket).mode & 0o077, 0);
});
