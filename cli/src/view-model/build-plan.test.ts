import type { ImageBuild } from '@tso/compose';
import { emptyServiceSpec, emptyStackSpec, emptyTaskSpec, type ServiceSpec } from '@tso/proto';
import test from 'ava';
import { buildOf } from '../testing/builds.ts';
import { knownImages, lostInstruction, planBuilds, platformOf, wantedBuilds, withBuiltDigests } from './build-plan.ts';

const all = (builds: readonly ImageBuild[]): ReadonlySet<string> => new Set(builds.map(({ service }) => service));
const order = (builds: readonly ImageBuild[], wanted = all(builds)) =>
  planBuilds(builds, wanted).map(({ build, isWanted }) => (isWanted ? build.service : `(${build.service})`));

const web = buildOf('web', { additionalContexts: { base: 'service:base', src: '/src' } });
const base = buildOf('base', { additionalContexts: { tools: 'service:tools' } });
const tools = buildOf('tools');

test('what a build takes in is built before it, each once', (t) => {
  t.deepEqual(order([web, buildOf('api', { additionalContexts: { base: 'service:base' } }), base, tools]), ['tools', 'base', 'web', 'api']);
});

test('what only another build takes in is built and not wanted itself', (t) => {
  t.deepEqual(order([web, base, tools, buildOf('other')], new Set(['web'])), ['(tools)', '(base)', 'web']);
  t.deepEqual(order([web, base, tools], new Set()), []);
});

test('builds that take each other in are refused with their circle', (t) => {
  const round = buildOf('tools', { additionalContexts: { web: 'service:web' } });
  t.throws(() => planBuilds([web, base, round], new Set(['base'])), { message: 'builds take each other in: base -> tools -> web -> base' });
});

test('a build that takes in a service without a build is refused', (t) => {
  t.throws(() => planBuilds([web], new Set(['web'])), { message: /the build of service web takes in service base/ });
});

test('a service keeps the image that the cluster has under its name, unless it is asked for or always built', (t) => {
  const builds = [buildOf('kept'), buildOf('renamed'), buildOf('pulled'), buildOf('fresh'), buildOf('always', { always: true })];
  const known = new Map([
    ['kept', { image: 'shop-kept', builtDigest: 'sha256:1' }],
    ['renamed', { image: 'older', builtDigest: 'sha256:2' }],
    ['pulled', { image: 'shop-pulled', builtDigest: '' }],
    ['always', { image: 'shop-always', builtDigest: 'sha256:3' }],
  ]);
  t.deepEqual([...wantedBuilds(builds, known, false)], ['renamed', 'pulled', 'fresh', 'always']);
  t.is(wantedBuilds(builds, known, true).size, 5);
});

test('of several platforms the one of the building host is built, else the first', (t) => {
  t.is(platformOf(buildOf('web'), 'linux/amd64'), '');
  t.is(platformOf(buildOf('web', { platforms: ['linux/arm64', 'linux/amd64'] }), 'linux/amd64'), 'linux/amd64');
  t.is(platformOf(buildOf('web', { platforms: ['linux/arm64', 'linux/arm/v7'] }), 'linux/amd64'), 'linux/arm64');
});

test('digests are put at their services, and read back from there', (t) => {
  const service = (name: string): ServiceSpec => ({
    ...emptyServiceSpec,
    name,
    task: { ...emptyTaskSpec, container: { ...emptyTaskSpec.container, image: `shop-${name}` } },
  });
  const spec = withBuiltDigests({ ...emptyStackSpec, services: [service('db'), service('web')] }, new Map([['web', 'sha256:1']]));
  t.deepEqual(
    [...knownImages(spec.services)],
    [
      ['db', { image: 'shop-db', builtDigest: '' }],
      ['web', { image: 'shop-web', builtDigest: 'sha256:1' }],
    ],
  );
});

test('what a Dockerfile says and an image cannot keep is noticed', (t) => {
  t.is(lostInstruction('STEP 3/7: HEALTHCHECK --interval=5s CMD curl localhost'), 'HEALTHCHECK');
  t.is(lostInstruction('STEP 12/12: onbuild RUN make'), 'ONBUILD');
  for (const none of ['NONE', '  NONE', ' none ']) t.is(lostInstruction(`STEP 3/7: HEALTHCHECK ${none}`), undefined);
  t.is(lostInstruction('STEP 3/7: RUN echo HEALTHCHECK CMD x'), undefined);
  t.is(lostInstruction('HEALTHCHECK CMD x'), undefined);
});
