import test from 'ava';
import { containerEnvironment } from './environment.ts';

const facts = { links: [], image: [], spec: [], hostname: 'web1', home: '/root', terminal: false };

test('what links tell is below what the image and the spec say, so that DB_NAME of an image stays what it is', (t) => {
  const links = ['DB_NAME=/web/db', 'DB_PORT=tcp://10.32.1.2:5432', 'PATH=/links'];
  const env = containerEnvironment({ ...facts, links, image: ['DB_NAME=orders', 'PATH=/image'], spec: ['DB_PORT=mine'] });
  t.deepEqual(env, ['PATH=/image', 'HOSTNAME=web1', 'DB_NAME=orders', 'DB_PORT=mine', 'HOME=/root']);
});

test('the spec can take away what links tell', (t) => {
  t.false(containerEnvironment({ ...facts, links: ['DB_NAME=/web/db'], spec: ['DB_NAME'] }).some((entry) => entry.startsWith('DB_NAME')));
});
