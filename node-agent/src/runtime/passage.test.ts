import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { maySearch, requirePassage } from './passage.ts';

test('owner, group and others are told apart, and the nearest class decides alone', (t) => {
  t.true(maySearch({ mode: 0o710, uid: 0, gid: 5 }, 5));
  t.false(maySearch({ mode: 0o710, uid: 0, gid: 0 }, 5));
  t.true(maySearch({ mode: 0o711, uid: 0, gid: 0 }, 5));
  t.false(maySearch({ mode: 0o011, uid: 5, gid: 5 }, 5));
});

test('the folder that is in the way is named, with what to do', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'tso-passage-'));
  try {
    chmodSync(dir, 0o711);
    mkdirSync(join(dir, 'data'), { mode: 0o700 });
    mkdirSync(join(dir, 'data/rootfs'), { mode: 0o711 });
    const error = t.throws(() => requirePassage(join(dir, 'data/rootfs'), 200_000), {
      message: /user 200000, may not pass through .*\/data \(mode 700\)/,
    });
    t.like(error, { code: 'FAILED_PRECONDITION', hint: `Let it pass: chmod o+x ${join(dir, 'data')}; or choose another --data-dir` });
    chmodSync(join(dir, 'data'), 0o711);
    t.notThrows(() => requirePassage(join(dir, 'data/rootfs'), 200_000));
  } finally {
    rmSync(dir, { recursive: true });
  }
});
