import test from 'ava';
import { modelOf, saidOf } from '../testing/memory-files.ts';

const pair = (a: string): string => `services:\n  a:\n    image: i\n    ${a}\n`;
const first = (text: string) => {
  const [found] = saidOf(text);
  return [`${found?.line}:${found?.column}`, `${found?.code} ${found?.message}`, found?.hint];
};

test('a name that no image can have is told with what to write', (t) => {
  const told = (image: string) => first(`services:\n  a:\n    image: ${image}\n`);
  const said = (name: string, why: string) => `E202 services.a.image: image name "${name}": ${why}`;
  t.deepEqual(told('"nginx:lat est"'), ['3:12', said('nginx:lat est', '"lat est" is not a tag'), 'Leave out the blanks']);
  t.deepEqual(told('NGINX'), ['3:12', said('NGINX', 'the path must be lower case'), 'Write nginx']);
  t.deepEqual(told('http://foo/bar'), ['3:12', said('http://foo/bar', '"http:" is not a registry host'), 'Leave out http://']);
  t.regex(
    String(first(pair('volumes: [{type: image, source: A, target: /x}]'))[1]),
    /^E202 services\.a\.volumes\[0\]\.source: image name "A"/,
  );
  for (const sound of ['localhost:5000/a/b:1', `sha256:${'ab'.repeat(32)}`]) t.deepEqual(saidOf(`services: {a: {image: "${sound}"}}`), []);
});

test('a name that follows from that of the service is looked at too', (t) => {
  t.deepEqual(first('services:\n  Web:\n    build: .\n'), [
    '3:12',
    'E202 services.Web.build: image name "project-Web": the path must be lower case',
    'name the image beside it: image: project-web',
  ]);
  t.deepEqual(saidOf('services: {Web: {build: ., image: web}}'), []);
});

test('a name that only lacks a variable is shown all the same', (t) => {
  t.like(modelOf('services: {a: {image: "i:$TAG"}}'), { services: { a: { image: 'i:' } } });
});
