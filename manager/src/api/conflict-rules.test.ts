import test from 'ava';
import { nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { stackConflict, stackSpecChanges } from './conflict-rules.ts';

const web = (image: string, replicas = 1) => serviceSpec('web', { replicas, task: { container: { image } } });

test('changes of a stack are told by the names of its parts, wherever they stand in the list', (t) => {
  const from = stackSpec('shop', [serviceSpec('a'), web('web:1')]);
  const to = stackSpec('shop', [web('web:2', 3), serviceSpec('z')]);
  const changes = stackSpecChanges(from, to);
  t.deepEqual(
    changes.filter(({ path }) => path.startsWith('services.web')),
    [
      { path: 'services.web.task.container.image', from: 'web:1', to: 'web:2' },
      { path: 'services.web.replicas', from: '1', to: '3' },
    ],
  );
  t.deepEqual(
    changes.filter(({ path }) => path === 'services.a').map(({ to: after }) => after),
    [''],
  );
  t.deepEqual(
    changes.filter(({ path }) => path === 'services.z').map(({ from: before }) => before),
    [''],
  );
  t.true(
    changes.every(({ from: before, to: after }) => before.length <= 201 && after.length <= 201),
    'of long values the beginning',
  );
});

test('a stack at the version that is expected, or of which none is expected, is no conflict', (t) => {
  const world = new World([nodeNamed('alpha')]);
  t.is(stackConflict(world.tables, 'shop', undefined), undefined);
  t.is(stackConflict(world.tables, 'shop', 0), undefined);
  world.up(stackSpec('shop', [web('web:1')]));
  t.is(stackConflict(world.tables, 'shop', world.tables.stackByName('shop')?.meta.version), undefined);
});

test('of many changes the first are told in the sentence and the rest counted', (t) => {
  const world = new World([nodeNamed('alpha')]);
  world.up(stackSpec('shop', [web('web:1')]));
  const before = world.tables.stackByName('shop')?.meta.version;
  world.up(stackSpec('shop', [web('web:2', 2), ...['a', 'b', 'c'].map((name) => serviceSpec(name))]));
  const conflict = stackConflict(world.tables, 'shop', before);
  t.is(conflict?.code, 'CONFLICT');
  t.is(conflict?.hint, 'See what your file would change now (tso up --dry-run), bring it up to date and apply it again');
  t.regex(
    conflict?.message ?? '',
    /: test changed services\.web\.task\.container\.image from web:1 to web:2, services\.web\.replicas from 1 to 2, services\.a \(new\) and 2 more$/,
  );
});
