import test from 'ava';
import fc from 'fast-check';
import { TsoError } from './errors.ts';
import {
  formatReference,
  imageNameProblem,
  isDigest,
  parseReference,
  storedName,
  tryReference,
  withDefaultTag,
} from './image-reference.ts';

const hex = 'ab'.repeat(32);

/** As distribution/reference's ParseDockerRef reads them: name, full name with the default tag. */
const table: readonly (readonly [given: string, full: string])[] = [
  ['ubuntu', 'docker.io/library/ubuntu:latest'],
  ['ubuntu:22.04', 'docker.io/library/ubuntu:22.04'],
  ['library/ubuntu', 'docker.io/library/ubuntu:latest'],
  ['docker.io/ubuntu', 'docker.io/library/ubuntu:latest'],
  ['docker.io/library/ubuntu', 'docker.io/library/ubuntu:latest'],
  ['index.docker.io/ubuntu', 'docker.io/library/ubuntu:latest'],
  ['index.docker.io/library/ubuntu:1', 'docker.io/library/ubuntu:1'],
  ['team/app', 'docker.io/team/app:latest'],
  ['team/sub/app', 'docker.io/team/sub/app:latest'],
  ['docker.io/team/app', 'docker.io/team/app:latest'],
  ['localhost/app', 'localhost/app:latest'],
  ['localhost:5000/app', 'localhost:5000/app:latest'],
  ['localhost:5000/app:1', 'localhost:5000/app:1'],
  ['localhost', 'docker.io/library/localhost:latest'],
  ['quay.io/app', 'quay.io/app:latest'],
  ['quay.io/team/app:v1.2.3', 'quay.io/team/app:v1.2.3'],
  ['registry:5000/app', 'registry:5000/app:latest'],
  ['registry/app', 'docker.io/registry/app:latest'],
  ['127.0.0.1/app', '127.0.0.1/app:latest'],
  ['127.0.0.1:5000/team/app:x', '127.0.0.1:5000/team/app:x'],
  ['[::1]/app', '[::1]/app:latest'],
  ['[::1]:5000/app:1', '[::1]:5000/app:1'],
  ['[fd00:1:2::3]/app', '[fd00:1:2::3]/app:latest'],
  ['Upper/app', 'Upper/app:latest'],
  ['UPPER.example/app', 'UPPER.example/app:latest'],
  ['a.b/c', 'a.b/c:latest'],
  ['a/b:Tag_1.2-3', 'docker.io/a/b:Tag_1.2-3'],
  ['app:_', 'docker.io/library/app:_'],
  ['foo_bar/app', 'docker.io/foo_bar/app:latest'],
  ['foo__bar', 'docker.io/library/foo__bar:latest'],
  ['foo---bar', 'docker.io/library/foo---bar:latest'],
  ['foo.bar', 'docker.io/library/foo.bar:latest'],
  ['foo.bar:1', 'docker.io/library/foo.bar:1'],
  ['xn--n3h.com/app', 'xn--n3h.com/app:latest'],
  [`app@sha256:${hex}`, `docker.io/library/app@sha256:${hex}`],
  [`app:1@sha256:${hex}`, `docker.io/library/app:1@sha256:${hex}`],
  [`localhost:5000/app@sha256:${hex}`, `localhost:5000/app@sha256:${hex}`],
  [`reg.example:443/a/b/c:t@sha256:${hex}`, `reg.example:443/a/b/c:t@sha256:${hex}`],
  [`app:${'t'.repeat(128)}`, `docker.io/library/app:${'t'.repeat(128)}`],
];

for (const [given, full] of table) {
  test(`${given.slice(0, 60)} is ${full.slice(0, 60)}`, (t) => {
    t.is(formatReference(withDefaultTag(parseReference(given))), full);
  });
}

const wrong: readonly string[] = [
  '',
  ' ',
  'app ',
  'UPPER',
  'a/UPPER',
  'quay.io/Team/app',
  'app:',
  ':tag',
  '/app',
  'app/',
  'a//b',
  '-app',
  'app-',
  'app_',
  '_app',
  'a..b',
  'a___b',
  '.app',
  'a/.b',
  'app:-tag',
  'app:.tag',
  'app:a/b:',
  `app:${'t'.repeat(129)}`,
  'app@',
  'app@sha256',
  'app@sha256:abc',
  `app@sha256:${hex.toUpperCase()}`,
  `app@md5:${hex}`,
  `app@sha512:${hex}${hex}`,
  hex,
  `sha256:${hex}`,
  'host:port/app',
  'host:/app',
  'a b',
  'app\n',
  'https://quay.io/app',
  'quay.io:443/',
  '[::1/app',
  `a/${'b'.repeat(256)}`,
  '../app',
  'a/../b',
  'app:tag:tag',
];

for (const name of wrong) {
  test(`${JSON.stringify(name.slice(0, 60))} is refused with what is wrong`, (t) => {
    const error = t.throws(() => parseReference(name), { instanceOf: TsoError });
    t.is(error.code, 'INVALID_ARGUMENT');
    t.true(error.message.startsWith('image name '));
    t.truthy(error.hint);
    t.is(tryReference(name), undefined);
  });
}

test('what is wrong with the image of a service is said with its cure; an id in full is one', (t) => {
  const said = (name: string) => imageNameProblem(name)?.sentence;
  t.is(said('NGINX'), 'image name "NGINX": the path must be lower case. Write nginx');
  t.is(said('nginx:lat est'), 'image name "nginx:lat est": "lat est" is not a tag. Leave out the blanks');
  t.is(said('http://foo/bar'), 'image name "http://foo/bar": "http:" is not a registry host. Leave out http://');
  for (const sound of ['nginx', 'localhost:5000/a/b:1', hex, `sha256:${hex}`]) t.is(said(sound), undefined);
});

test('an image is stored under its digest where one was given, else under its tag', (t) => {
  t.is(storedName(parseReference('redis')), 'docker.io/library/redis:latest');
  t.is(storedName(parseReference(`redis:7@sha256:${hex}`)), `docker.io/library/redis@sha256:${hex}`);
});

test('a digest is sha256 and 64 lower-case digits', (t) => {
  t.true(isDigest(`sha256:${hex}`));
  for (const text of [hex, `sha256:${hex}0`, `sha256:${hex.slice(1)}`, `sha256:${hex}\n`, `SHA256:${hex}`]) t.false(isDigest(text), text);
});

const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const reference = fc.record({
  host: fc.constantFrom('docker.io', 'quay.io', 'localhost:5000', '[::1]:80', 'Host'),
  path: fc.array(part, { minLength: 2, maxLength: 4 }),
  tag: fc.option(fc.stringMatching(/^\w[\w.-]{0,20}$/), { nil: '' }),
  digest: fc.constantFrom('', `sha256:${hex}`),
});

test('a full name is read back as what was written', (t) => {
  fc.assert(
    fc.property(reference, ({ host, path, tag, digest }) => {
      const made = { host, repository: path.join('/'), tag, digest };
      t.deepEqual(parseReference(formatReference(made)), made);
    }),
  );
});

test('any text is either refused with INVALID_ARGUMENT or is a name whose full form is stable', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-zA-Z0-9.:/@_[\]-]{0,40}$/)), (text) => {
      try {
        const full = formatReference(parseReference(text));
        return formatReference(parseReference(full)) === full;
      } catch (error) {
        return error instanceof TsoError && error.code === 'INVALID_ARGUMENT';
      }
    }),
    { numRuns: 1000 },
  );
  t.pass();
});
