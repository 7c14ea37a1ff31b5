import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Sharing } from './sharing.ts';

test('a namespace whose owner is gone is kept while others live in it, and a leftover as soon as none does', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'tso-sharing-'));
  try {
    const found = async (): Promise<Sharing> => {
      const sharing = new Sharing({ dir });
      await sharing.start();
      return sharing;
    };
    const sharing = await found();
    await sharing.add('guest', 'owner');
    t.false((await found()).isKept('owner'), 'its owner is there');
    await sharing.leave('owner');
    t.true((await found()).isKept('owner'));
    // An agent that ends here leaves the namespace to the next one, which must see it to remove it.
    await sharing.remove('guest');
    const next = await found();
    t.true(next.isLeft('owner'));
    t.false(next.isKept('owner'));
    await next.forget('owner');
    t.false((await found()).isLeft('owner'));
  } finally {
    await rm(dir, { recursive: true });
  }
});
