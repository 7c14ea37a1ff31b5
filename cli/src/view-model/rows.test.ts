import { emptyServiceSpec, FileKind, ServiceMode } from '@tso/proto';
import test from 'ava';
import { aService, aTask } from '../testing/views.ts';
import { allCreated } from './changes.ts';
import { changesText } from './diff-text.ts';
import { imageCells, imageRow, isNamed, shortImageId } from './image-row.ts';
import { serviceRow } from './service-row.ts';

test('changes are listed with their fields, and nothing is said to be nothing', (t) => {
  const none = { kind: 'network', name: 'n', action: 'none', changes: [] };
  t.is(changesText([none]), 'Nothing would change.\n');
  const update = { kind: 'service', name: 'web', action: 'update', changes: [{ path: 'image', from: '', to: 'web:2' }] };
  t.is(changesText([none, update]), '~ update service web\n    image: (none) -> web:2\n');
});

test('in an empty cluster all but external things would be created', (t) => {
  const volume = { name: 'v', driver: '', labels: {}, driverOpts: {} };
  const spec = {
    name: 'visits',
    services: [{ ...emptyServiceSpec, name: 'web' }],
    networks: [],
    files: [
      { kind: FileKind.CONFIG_FILE, name: 'page', external: false, labels: {}, template: false },
      { kind: FileKind.SECRET_FILE, name: 'key', external: false, labels: {}, template: false },
      { kind: FileKind.SECRET_FILE, name: 'shared', external: true, labels: {}, template: false },
    ],
    volumes: [
      { ...volume, external: true },
      { ...volume, name: 'mine', external: false },
    ],
  };
  t.deepEqual(
    allCreated(spec).map(({ kind, name }) => `${kind} ${name}`),
    ['volume mine', 'config page', 'secret key', 'service web'],
  );
});

const summary = { Id: `sha256:${'a'.repeat(64)}`, RepoTags: ['reg:5000/x/web:1', 'web:latest'], RepoDigests: null, Created: 0, Size: 5 };

test('an image has one line for each of its names', (t) => {
  const cells = imageCells(imageRow(summary), 0, String);
  t.deepEqual(cells, [
    ['reg:5000/x/web', '1', 'a'.repeat(12), '', '5'],
    ['web', 'latest', 'a'.repeat(12), '', '5'],
  ]);
  t.deepEqual(imageCells(imageRow({ ...summary, RepoTags: null }), 0, String)[0]?.slice(0, 2), ['<none>', '<none>']);
  t.is(shortImageId(summary.Id), 'a'.repeat(12));
});

test('an image is meant by its name with or without tag', (t) => {
  const row = imageRow(summary);
  for (const name of ['web', 'web:latest', 'reg:5000/x/web', 'reg:5000/x/web:1']) t.true(isNamed(row, name), name);
  for (const name of ['we', 'web:1', 'reg']) t.false(isNamed(row, name), name);
});

test('a service has the fields of the contract', (t) => {
  const view = aService([aTask()]);
  const service = { ...view.service, spec: { ...view.service.spec, mode: ServiceMode.GLOBAL } };
  t.like(serviceRow({ ...view, service }, 0), {
    name: 'web',
    mode: 'global',
    replicas: { desired: 1, running: 1, healthy: 1 },
    updateStatus: { state: 'none' },
  });
});
