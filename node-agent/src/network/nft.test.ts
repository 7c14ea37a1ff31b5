import test from 'ava';
import { RulesTable } from './nft.ts';

/** A kernel with room for one table: texts that begin with `+` are patches of it. */
const worldOf = (there = '') => {
  const world = { there, refusal: '', loaded: [] as string[], whole: 'one', patch: '' as string | undefined };
  const table = new RulesTable(
    { table: 'inet tso', whole: () => world.whole, patch: () => world.patch },
    {
      load: async (text) => {
        world.loaded.push(text);
        if (world.refusal !== '') throw new Error(world.refusal);
        world.there = text.startsWith('+') ? `${world.there}${text}` : text;
      },
      list: async () => world.there,
    },
  );
  return { world, table };
};

test('a table is loaded whole first, and patched from then on', async (t) => {
  const { world, table } = worldOf();
  await table.start();
  world.patch = '+two';
  await table.patch();
  await table.patch();
  t.deepEqual(world.loaded, ['one', '+two']);
  t.deepEqual(table.troubles, []);
});

test('the table of a predecessor stays as it is until it is taken over', async (t) => {
  const { world, table } = worldOf('its');
  await table.start();
  await table.apply();
  await table.patch();
  t.false(await table.verify());
  t.deepEqual([world.loaded, world.there], [[], 'its']);
  table.takeOver();
  await table.patch();
  t.deepEqual(world.loaded, ['one'], 'nothing of it is patched: the whole is replaced');
});

test('a table that could not be loaded is a trouble, and is tried again until it can', async (t) => {
  const { world, table } = worldOf();
  world.refusal = 'too many open files';
  await t.throwsAsync(table.apply(), { message: 'too many open files' });
  t.deepEqual(table.troubles, ['the rules of table inet tso cannot be loaded on this host: too many open files']);
  t.false(await table.verify());
  t.is(table.troubles.length, 1);
  world.refusal = '';
  world.whole = 'newest';
  t.false(await table.verify(), 'nobody changed it');
  t.is(world.there, 'newest');
  t.deepEqual(table.troubles, []);
});

test('what was never loaded is left alone, and what somebody changed is put back', async (t) => {
  const { world, table } = worldOf();
  t.false(await table.verify());
  t.deepEqual(world.loaded, []);
  await table.apply();
  t.false(await table.verify());
  world.there = 'changed';
  t.true(await table.verify());
  t.is(world.there, 'one');
});

test('a table that is gone right after a change, or lost a rule of its frame, is put back too', async (t) => {
  const { world, table } = worldOf();
  world.whole = 'chain forward {\n  type filter hook forward priority 0;\n  drop\n}\n';
  for (const changed of ['', world.whole.replace('  drop\n', '')]) {
    await table.apply();
    world.there = changed;
    t.true(await table.verify());
    t.is(world.there, world.whole);
    t.false(await table.verify());
  }
});

test('a change is followed by no look of its own', async (t) => {
  let looks = 0;
  const table = new RulesTable(
    { table: 'inet tso', whole: () => 'one', patch: () => '+two' },
    {
      load: async () => undefined,
      list: async () => {
        looks += 1;
        return 'one';
      },
    },
  );
  await table.apply();
  await table.patch();
  t.is(looks, 0);
});
