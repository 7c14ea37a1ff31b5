import { emptyServiceSpec, emptyStackSpec, emptyTaskSpec, PullPolicy, type ServiceSpec, type StackSpec } from '@tso/proto';
import test from 'ava';
import type { Context } from '../context.ts';
import { buildOf } from '../testing/builds.ts';
import { fakeIo } from '../testing/fake-io.ts';
import { buildForUp } from './build-for-up.ts';

const service = (name: string, image: string, builtDigest = ''): ServiceSpec => ({
  ...emptyServiceSpec,
  name,
  task: { ...emptyTaskSpec, container: { ...emptyTaskSpec.container, image, builtDigest } },
});
const spec: StackSpec = { ...emptyStackSpec, name: 'shop', services: [service('api', 'shop-api'), service('web', 'shop-web')] };
const builds = [buildOf('api'), buildOf('web')];
const digests = (after: StackSpec) => after.services.map(({ task }) => task.container.builtDigest);
const call = () => ({ io: fakeIo(), context: {} as Context });

test('services keep the images that the cluster has, and nothing is looked for on this host', async (t) => {
  const known = [service('api', 'shop-api', 'sha256:1'), service('web', 'shop-web', 'sha256:2')];
  const after = await buildForUp(call(), spec, builds, known, {
    isAsked: false,
    isDryRun: false,
    quiet: false,
    onWarning: () => undefined,
  });
  t.deepEqual(digests(after), ['sha256:1', 'sha256:2']);
});

test('a dry run says what would be built, and shows the images as they are', async (t) => {
  const asked = call();
  const known = [service('api', 'shop-api', 'sha256:1'), service('web', 'older', 'sha256:2')];
  const after = await buildForUp(asked, spec, builds, known, { isAsked: false, isDryRun: true, quiet: false, onWarning: () => undefined });
  t.is(asked.io.stderr.text, 'Image shop-web of service web would be built.\n');
  t.deepEqual(digests(after), ['sha256:1', '']);
});

test('a service that names what is built for another runs that, also when only it is applied', async (t) => {
  const options = { isAsked: false, isDryRun: false, quiet: false, onWarning: () => undefined };
  const worker = service('worker', 'shop-web:latest');
  const other = service('proxy', 'nginx');
  const known = [service('web', 'shop-web', 'sha256:2')];
  const whole = { ...spec, services: [service('web', 'shop-web'), worker, other] };
  t.deepEqual(digests(await buildForUp(call(), whole, [buildOf('web')], known, options)), ['sha256:2', 'sha256:2', '']);
  const byId = service('pinned', 'b'.repeat(64));
  t.deepEqual(digests(await buildForUp(call(), { ...spec, services: [worker, other, byId] }, [], known, options)), ['sha256:2', '', '']);
});

test('an image that is no longer built, or always pulled, is that of the registry', async (t) => {
  const options = { isAsked: false, isDryRun: false, quiet: false, onWarning: () => undefined };
  const known = [service('web', 'shop-web', 'sha256:2')];
  t.deepEqual(digests(await buildForUp(call(), { ...spec, services: [service('web', 'shop-web')] }, [], known, options)), ['']);
  const pulled = service('worker', 'shop-web');
  const always = { ...pulled, task: { ...pulled.task, container: { ...pulled.task.container, pullPolicy: PullPolicy.PULL_ALWAYS } } };
  t.deepEqual(
    digests(await buildForUp(call(), { ...spec, services: [service('web', 'shop-web'), always] }, [buildOf('web')], known, options)),
    ['sha256:2', ''],
  );
});
