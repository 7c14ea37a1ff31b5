import test from 'ava';
import fc from 'fast-check';
import { task } from '../dispatcher/dispatcher-fixture.ts';
import { OverlayTable, Table } from './table.ts';

test('a revision is another number after each change of what is under the key, and of nothing else', (t) => {
  const table = new Table('task');
  t.is(table.revision('node', 'a'), 0);
  table.put(task('x', 'a'));
  const first = table.revision('node', 'a');
  table.put(task('y', 'b'));
  t.is(table.revision('node', 'a'), first);
  table.put(task('x', 'b'));
  t.is(table.revision('node', 'a'), 0, 'nothing there');
  t.true(table.revision('node', 'b') > first);
  const before = table.revision('node', 'b');
  table.remove('y');
  t.true(table.revision('node', 'b') > before);
  t.true(table.revision() >= table.revision('node', 'b'));
});

test('an overlay counts what it shows: with its puts, without its removals', (t) => {
  const table = new Table('task');
  for (const id of ['x', 'y']) table.put(task(id, 'a'));
  const overlay = new OverlayTable('task', table);
  t.is(overlay.size, 2);
  overlay.put(task('x', 'b'));
  overlay.put(task('z', 'a'));
  t.is(overlay.size, 3);
  overlay.remove('y');
  t.is(overlay.size, 2);
  t.is(table.size, 2);
});

test('an overlay has the revisions of its base, and none that equals anything where it has changes of its own', (t) => {
  const table = new Table('task');
  table.put(task('x', 'a'));
  table.put(task('y', 'b'));
  const overlay = new OverlayTable('task', table);
  t.is(overlay.revision(), table.revision());
  overlay.put(task('x', 'c'));
  t.true(['a', 'c'].every((key) => Number.isNaN(overlay.revision('node', key))));
  t.is(overlay.revision('node', 'b'), table.revision('node', 'b'));
  t.true(Number.isNaN(overlay.revision()));
  const above = new OverlayTable('task', overlay);
  above.remove('y');
  t.true(['a', 'b', 'c'].every((key) => Number.isNaN(above.revision('node', key))));
  t.is(above.revision('node', 'd'), 0);
});

const steps = fc.array(fc.record({ id: fc.constantFrom('x', 'y', 'z'), node: fc.constantFrom('a', 'b'), remove: fc.boolean() }), {
  maxLength: 30,
});

test('whatever happens, an unchanged revision means unchanged objects', (t) => {
  fc.assert(
    fc.property(steps, (all) => {
      const table = new Table('task');
      const seen = new Map<string, string>();
      for (const { id, node, remove } of all) {
        if (remove) table.remove(id);
        else table.put(task(id, node, { slot: table.revision() }));
        for (const key of ['a', 'b']) {
          const revision = `${key} ${table.revision('node', key)}`;
          const objects = JSON.stringify([...table.by('node', key)].sort((one, other) => (one.id < other.id ? -1 : 1)));
          const known = seen.get(revision);
          if (known !== undefined && known !== objects) return false;
          seen.set(revision, objects);
        }
      }
      return true;
    }),
  );
  t.pass();
});

test('what has changed since a revision is told in its order, with what was there before, or is said to be unknown', (t) => {
  fc.assert(
    fc.property(steps, fc.nat(30), (all, from) => {
      const table = new Table('task');
      let [since, then] = [0, new Map<string, string>()];
      const state = () => new Map(table.all().map((one) => [one.id, JSON.stringify(one)]));
      for (const [at, { id, node, remove }] of all.entries()) {
        if (at === from) [since, then] = [table.revision(), state()];
        if (remove) table.remove(id);
        else table.put(task(id, node, { slot: table.revision() }));
      }
      const changes = table.changesSince(since);
      if (changes === undefined) return false;
      // Taken back from the last on, they lead to what was there then.
      const back = state();
      for (const { id, before } of changes.toReversed()) {
        if (before === undefined) back.delete(id);
        else back.set(id, JSON.stringify(before));
      }
      return JSON.stringify([...back].sort()) === JSON.stringify([...then].sort());
    }),
  );
  const table = new Table('task');
  for (let at = 0; at < 2_000; at += 1) table.put(task('x', 'a', { slot: at }));
  t.is(table.changesSince(0), undefined, 'too long ago');
  t.is(table.changesSince(table.revision() + 1), undefined, 'of another table');
  t.is(table.changesSince(table.revision() - 10)?.length, 10);
  t.is(new Table('secret').changesSince(0), undefined, 'nobody asks, and nothing of a secret that is gone is kept');
});

test('the keys of an index are those of what is there', (t) => {
  const table = new Table('task');
  for (const [id, node] of [
    ['x', 'a'],
    ['y', 'b'],
    ['z', 'b'],
  ] as const)
    table.put(task(id, node));
  table.remove('x');
  t.deepEqual([...table.keys('node')], ['b']);
  const overlay = new OverlayTable('task', table);
  overlay.put(task('y', 'c'));
  t.true(['b', 'c'].every((key) => [...overlay.keys('node')].includes(key)));
});
