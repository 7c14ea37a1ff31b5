import test from 'ava';
import fc from 'fast-check';
import { parseChallenges } from './registry-auth.ts';

test('a token challenge is read with its quoted commas and escapes', (t) => {
  t.deepEqual(parseChallenges('Bearer realm="https://auth.example/token",service="reg",scope="repository:a/b:pull,push"'), [
    { scheme: 'bearer', parameters: { realm: 'https://auth.example/token', service: 'reg', scope: 'repository:a/b:pull,push' } },
  ]);
  t.deepEqual(parseChallenges('BASIC Realm="a \\"b\\" c"'), [{ scheme: 'basic', parameters: { realm: 'a "b" c' } }]);
});

test('several challenges in one header are told apart', (t) => {
  t.deepEqual(
    parseChallenges('Negotiate, Basic realm=x , Bearer realm="y", service=z').map(({ scheme, parameters }) => [scheme, parameters]),
    [
      ['negotiate', {}],
      ['basic', { realm: 'x' }],
      ['bearer', { realm: 'y', service: 'z' }],
    ],
  );
});

test('nothing, and nonsense, ask for nothing that is understood', (t) => {
  t.deepEqual(parseChallenges(''), []);
  t.deepEqual(parseChallenges('="'), []);
  fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseChallenges(text))));
});
