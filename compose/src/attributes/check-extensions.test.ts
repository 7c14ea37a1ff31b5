import test from 'ava';
import { saidOf } from '../testing/memory-files.ts';
import { oneService } from '../testing/spec-parts.ts';

const told = (text: Readonly<Record<string, string>> | string): readonly string[] =>
  saidOf(text).map(({ code, path, hint }) => `${code} ${path}: ${hint}`);

test('a key of ours is told of where it means nothing, with the one that was meant or where it belongs', (t) => {
  t.deepEqual(told(oneService('x-tso-drian: 5s')), ["W400 services.web.x-tso-drian: did you mean 'x-tso-drain'?"]);
  t.deepEqual(told(oneService('deploy: {x-tso-rebalance: auto}')), ['W400 services.web.deploy.x-tso-rebalance: it stands at services.*']);
  t.deepEqual(told(oneService('networks: [n]', 'networks: {n: {x-tso-drain: 1s}}\n')), [
    'W400 networks.n.x-tso-drain: it stands at services.*',
  ]);
  t.deepEqual(told(oneService('tty: true', 'x-tso-ingress: local\n')), [
    'W400 x-tso-ingress: it stands at services.* or services.*.ports[]',
  ]);
  t.deepEqual(told(oneService('build: {context: ., x-tso-frobnicate: 1}')).length, 1);
  t.deepEqual(told(oneService('x-other: 1\nx-tso-affinity: true')), []);
});

test('it is told of also in what the model has no place for, at its own line', (t) => {
  const files = {
    '/project/compose.yaml': oneService(
      'env_file: [{path: v.env, x-tso-a: 1}]\nextends: {service: base, file: base.yaml, x-tso-b: 1}',
      '  off: {image: i, profiles: [p], x-tso-drian: 1s}\ninclude: [{path: more.yaml, x-tso-c: 1}]\n',
    ),
    '/project/v.env': 'A=1\n',
    '/project/base.yaml': 'services: {base: {image: b, x-tso-drain: 1s, x-tso-d: 1}}',
    '/project/more.yaml': 'services: {more: {image: m}}\nnetworks: {n: {x-tso-e: 1}}',
  };
  const said = saidOf(files).map(({ file, line, path }) => `${file}:${line} ${path}`);
  t.deepEqual(said, [
    'compose.yaml:4 services.web.env_file[0].x-tso-a',
    'compose.yaml:5 services.web.extends.x-tso-b',
    'compose.yaml:6 services.off.x-tso-drian',
    'compose.yaml:7 include[0].x-tso-c',
    'base.yaml:1 services.base.x-tso-d',
    'more.yaml:2 networks.n.x-tso-e',
  ]);
});

test('what an anchor holds is told of once, however often it is used', (t) => {
  t.deepEqual(told('x-common: &c {x-tso-drian: 1s, image: i}\nservices: {a: {<<: *c}, b: {<<: *c}}').length, 1);
});
