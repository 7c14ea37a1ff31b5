import { type Authority, emptyMeta, NodeRole } from '@tso/proto';
import test from 'ava';
import { roleOfSecret, sameSecret } from './secrets.ts';
import { newSecret, secretOf, tokensOf, withSecret } from './tokens.ts';

const authority: Authority = {
  id: 'authority',
  meta: emptyMeta,
  certificate: '',
  key: '',
  epoch: 1,
  workerSecret: 'w'.repeat(25),
  managerSecret: 'm'.repeat(25),
  certificateLifeMs: 1,
  revoked: [],
  unlockKey: '',
};

test('each role has a secret of its own, which makes its owner that', (t) => {
  t.is(roleOfSecret(authority, secretOf(authority, NodeRole.WORKER)), NodeRole.WORKER);
  t.is(roleOfSecret(authority, secretOf(authority, NodeRole.MANAGER)), NodeRole.MANAGER);
  t.deepEqual(tokensOf(authority, 'd'), {
    worker: { digest: 'd', secret: authority.workerSecret },
    manager: { digest: 'd', secret: authority.managerSecret },
  });
});

test('a secret that was replaced is none any more, and the other role keeps its own', (t) => {
  const rotated = withSecret(authority, NodeRole.WORKER, 'n'.repeat(25));
  t.is(roleOfSecret(rotated, authority.workerSecret), undefined);
  t.is(roleOfSecret(rotated, 'n'.repeat(25)), NodeRole.WORKER);
  t.is(roleOfSecret(rotated, authority.managerSecret), NodeRole.MANAGER);
});

test('no text that is not the secret is taken for it', (t) => {
  const { workerSecret } = authority;
  for (const given of ['', workerSecret.slice(1), `${workerSecret}w`, workerSecret.toUpperCase(), `${workerSecret}\0`]) {
    t.is(roleOfSecret(authority, given), undefined, given);
  }
  t.true(sameSecret('a', 'a'));
  t.is(roleOfSecret({ ...authority, workerSecret: '', managerSecret: '' }, ''), undefined, 'no secret is nobody’s secret');
});

test('secrets are made of chance alone', (t) => {
  const seen = new Set(Array.from({ length: 200 }, () => newSecret((count) => crypto.getRandomValues(new Uint8Array(count)))));
  t.is(seen.size, 200);
  t.true([...seen].every((secret) => /^[0-9a-z]{25}$/.test(secret)));
});
