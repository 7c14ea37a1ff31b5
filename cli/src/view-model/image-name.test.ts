import test from 'ava';
import { fullImageName } from './image-name.ts';

test('an image is kept under the name that Docker would give it', (t) => {
  t.deepEqual(
    [
      'redis',
      'me/web',
      'shop-web:2',
      'localhost/web',
      'localhost:5000/web',
      'r.test/a/b:c',
      'r.test:5000/web:2',
      'index.docker.io/me/web',
    ].map(fullImageName),
    [
      'docker.io/library/redis:latest',
      'docker.io/me/web:latest',
      'docker.io/library/shop-web:2',
      'localhost/web:latest',
      'localhost:5000/web:latest',
      'r.test/a/b:c',
      'r.test:5000/web:2',
      'docker.io/me/web:latest',
    ],
  );
});

test('what is built cannot have a name with a digest, nor none', (t) => {
  t.throws(() => fullImageName(`web@sha256:${'a'.repeat(64)}`), { code: 'INVALID_ARGUMENT', message: /has a digest/ });
  for (const none of ['', 'two words', 'b'.repeat(64)]) t.throws(() => fullImageName(none), { code: 'INVALID_ARGUMENT' }, none);
  t.throws(() => fullImageName('shop-Web'), { code: 'INVALID_ARGUMENT', message: /"shop-Web": the path must be lower case/ });
});
