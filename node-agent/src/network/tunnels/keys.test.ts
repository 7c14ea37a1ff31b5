import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { TunnelKeys } from './keys.ts';

const withKeys = async (body: (dir: string, keys: TunnelKeys) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-keys-'));
  const dir = join(folder, 'tunnels');
  const keys = new TunnelKeys(dir);
  try {
    await keys.start();
    await body(dir, keys);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** The beginning of an X25519 private key in PKCS #8 (RFC 8410, 7). */
const pkcs8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

test('a pair has a public half that belongs to the private one, as WireGuard writes both', (t) =>
  withKeys(async (_, keys) => {
    const { publicKey } = await keys.make(1, 24_790, 5);
    const text = await readFile(keys.privateKeyPath(1), 'utf8');
    t.regex(text, /^[0-9A-Za-z+/]{43}=\n$/);
    const key = createPrivateKey({ key: Buffer.concat([pkcs8, Buffer.from(text, 'base64')]), format: 'der', type: 'pkcs8' });
    const { x } = createPublicKey(key).export({ format: 'jwk' });
    t.is(Buffer.from(x ?? '', 'base64url').toString('base64'), publicKey);
  }));

test('what is stored is for root alone, and the list has no private half', (t) =>
  withKeys(async (dir, keys) => {
    await keys.make(1, 24_790, 5);
    t.is((await stat(dir)).mode & 0o777, 0o700);
    for (const name of await readdir(dir)) t.is((await stat(join(dir, name))).mode & 0o777, 0o600, name);
    t.false((await readFile(join(dir, 'keys.json'), 'utf8')).includes((await readFile(keys.privateKeyPath(1), 'utf8')).trim()));
  }));

test('the next agent has the same keys, oldest first, at the ports they moved to', (t) =>
  withKeys(async (dir, keys) => {
    const second = await keys.make(2, 24_789, 6);
    await keys.make(7, 24_790, 9);
    await keys.move(2, 24_791);
    const next = new TunnelKeys(dir);
    await next.start();
    t.deepEqual(next.all[0], { ...second, port: 24_791 });
    t.is(next.newest?.generation, 7);
    t.deepEqual(next.all, keys.all);
  }));

test('a key that is dropped is gone from the disk', (t) =>
  withKeys(async (dir, keys) => {
    await keys.make(1, 24_790, 5);
    await keys.make(2, 24_789, 6);
    await keys.drop([1]);
    t.deepEqual((await readdir(dir)).toSorted(), ['2.key', 'keys.json']);
    t.is(keys.newest?.generation, 2);
  }));

test('what a crash left of a pair is not a key: neither a list entry without its file nor a file that is not listed', (t) =>
  withKeys(async (dir, keys) => {
    await keys.make(1, 24_790, 5);
    await keys.make(2, 24_789, 6);
    await rm(keys.privateKeyPath(2));
    const other = new TunnelKeys(dir);
    await other.start();
    t.deepEqual(
      other.all.map(({ generation }) => generation),
      [1],
    );
    await other.make(3, 24_790, 7);
    await other.drop([3]);
    t.deepEqual((await readdir(dir)).toSorted(), ['1.key', 'keys.json']);
  }));
