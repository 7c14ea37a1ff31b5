import test from 'ava';
import { hashInput, imagesOf, namesOf, servicesOf, sortedByName } from './config-parts.ts';

const model = {
  services: {
    web: { image: 'web:1', depends_on: { db: {}, cache: {} }, networks: { front: null } },
    cache: { build: { context: '/src' } },
    db: { image: 'db:1', build: { context: '/db' }, depends_on: { gone: {} } },
    proxy: { provider: { type: 'x' } },
  },
  networks: { front: {}, default: {} },
};

test('services come behind those that they depend on, else by name; one that is not there counts for nothing', (t) => {
  t.deepEqual(servicesOf(model), ['cache', 'db', 'proxy', 'web']);
  t.deepEqual(servicesOf({ services: { a: { depends_on: { z: {} } }, z: {}, b: {} } }), ['z', 'a', 'b']);
  t.deepEqual(servicesOf({ services: { a: { depends_on: { b: {} } }, b: { depends_on: { a: {} } } } }), ['b', 'a']);
  t.deepEqual(servicesOf({}), []);
});

test('images are one for each service, also those that are built', (t) => {
  t.deepEqual(imagesOf(model, 'shop'), ['shop-cache', 'db:1', 'web:1']);
});

test('names of a kind are sorted, and none when there are none', (t) => {
  t.deepEqual(namesOf(model, 'networks'), ['default', 'front']);
  t.deepEqual(namesOf(model, 'volumes'), []);
});

test('the hash of a service changes with what runs, not with the order of keys, how many there are, or how it is built', (t) => {
  const of = (service: object) => hashInput({ services: { web: service } }, 'web');
  const base = of({ image: 'x', environment: { A: '1', B: '2' } });
  t.is(of({ environment: { B: '2', A: '1' }, image: 'x' }), base);
  const around = { build: {}, pull_policy: 'always', scale: 3, depends_on: { db: {} }, profiles: ['p'] };
  t.is(of({ image: 'x', environment: { A: '1', B: '2' }, ...around }), base);
  t.not(of({ image: 'y', environment: { A: '1', B: '2' } }), base);
  const deploy = { endpoint_mode: 'vip' };
  t.is(of({ deploy: { ...deploy, replicas: 3 } }), of({ deploy }));
  t.not(of({ deploy: { endpoint_mode: 'dnsrr' } }), of({ deploy }));
});

test('the environment is told in the order of its keys', (t) => {
  t.deepEqual(Object.entries(sortedByName({ B: '2', A: 'x=y' })), [
    ['A', 'x=y'],
    ['B', '2'],
  ]);
});
