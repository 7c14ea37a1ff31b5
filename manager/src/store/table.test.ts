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

test('an overlay has the revisions of its base', (t) => {
  const table = new Table('task');
  table.put(task('x', 'a'));
  const overlay = new OverlayTable('task', table);
  overlay.put(task('y', 'a'));
  t.is(overlay.revision('node', 'a'), table.revision('node', 'a'));
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
