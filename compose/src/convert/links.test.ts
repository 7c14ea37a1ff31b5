import test from 'ava';
import { saidOf } from '../testing/memory-files.ts';
import { oneService, serviceOf, toldOf } from '../testing/spec-parts.ts';

const withDb = (service: string): string => oneService(service, '  db: {image: i}\n  cache: {image: i}\n');

test('links are names for one service only, and it waits for those it links to', (t) => {
  const web = serviceOf(withDb('links: ["db:database", cache]'));
  t.deepEqual(web.task.links, [
    { service: 'db', alias: 'database' },
    { service: 'cache', alias: 'cache' },
  ]);
  t.deepEqual(
    web.dependsOn.map(({ service, condition, restart }) => [service, condition, restart]),
    [
      ['cache', 'service_started', true],
      ['db', 'service_started', true],
    ],
  );
});

test('links that lead nowhere, twice to different services, or cannot be read are told', (t) => {
  t.regex(toldOf(withDb('links: ["db:x", "cache:X"]')).join(), /E305 the alias X is linked to service db already/);
  t.regex(toldOf(withDb('links: ["db:a b"]')).join(), /E202 'db:a b' is not a link/);
  t.regex(toldOf(withDb('links: [nobody]')).join(), /E301/);
  const apart = oneService('networks: [n]\nlinks: [db]', '  db: {image: i}\nnetworks: {n: {}}\n');
  t.regex(toldOf(apart).join(), /W400 services web and db share no network/);
});

test('an external link leads to a service of another stack by a network of both', (t) => {
  const file = (link: string, external: boolean) =>
    oneService(`networks: [n]\nexternal_links: ["${link}"]`, `networks: {n: {${external ? 'external: true' : ''}}}\n`);
  t.deepEqual(serviceOf(file('db.shop:sql', true)).task.links, [{ service: 'db.shop', alias: 'sql' }]);
  t.deepEqual(serviceOf(file('db.shop', true)).task.links, [{ service: 'db.shop', alias: 'db.shop' }]);
  t.deepEqual(serviceOf(file('db.shop', true)).dependsOn, []);
  t.regex(toldOf(file('shop_db_1:sql', true)).join(), /W400 .*shop_db_1 is not a service with its stack/);
  t.regex(toldOf(file('db.shop:sql', false)).join(), /W400 .*on no network of another stack/);
  t.regex(saidOf(file('shop_db_1', true))[0]?.hint ?? '', /SERVICE\.STACK:ALIAS/);
  t.regex(toldOf(file('db.shop:a:b', true)).join(), /E202/);
});
