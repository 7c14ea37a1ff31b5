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
