import { EndpointMode, emptyNetworkAssignment, type ServiceOnNetwork } from '@tso/proto';
import test from 'ava';
import { linkVariables } from './link-variables.ts';

const service = (name: string, changes: Partial<ServiceOnNetwork> = {}): ServiceOnNetwork => ({
  serviceId: name,
  name,
  stack: 'shop',
  mode: EndpointMode.VIP,
  vip: '10.32.1.2',
  vip6: '',
  names: [name],
  affinity: false,
  ports: [],
  ...changes,
});

const variables = (services: readonly ServiceOnNetwork[], service: string, alias: string) =>
  linkVariables([{ ...emptyNetworkAssignment, services }], { stack: 'shop', serviceName: 'web', links: [{ service, alias }] });

test('each exposed port has its variables with the virtual address, and the lowest one stands for the link', (t) => {
  t.deepEqual(variables([service('db', { ports: [8432, 5432] })], 'db', 'db'), [
    'DB_PORT=tcp://10.32.1.2:5432',
    'DB_PORT_5432_TCP=tcp://10.32.1.2:5432',
    'DB_PORT_5432_TCP_ADDR=10.32.1.2',
    'DB_PORT_5432_TCP_PORT=5432',
    'DB_PORT_5432_TCP_PROTO=tcp',
    'DB_PORT_8432_TCP=tcp://10.32.1.2:8432',
    'DB_PORT_8432_TCP_ADDR=10.32.1.2',
    'DB_PORT_8432_TCP_PORT=8432',
    'DB_PORT_8432_TCP_PROTO=tcp',
    'DB_NAME=/web/db',
  ]);
});

test('the alias names the variables, in letters that a variable may have', (t) => {
  t.deepEqual(variables([service('db')], 'db', 'order-db.main'), ['ORDER_DB_MAIN_NAME=/web/order-db.main']);
  t.deepEqual(variables([service('db')], 'db', ''), ['DB_NAME=/web/db']);
});

test('without a virtual address the alias is given, which stays right when tasks change', (t) => {
  const ports = [5432];
  t.true(variables([service('db', { vip: '', mode: EndpointMode.DNSRR, ports })], 'db', 'd').includes('D_PORT_5432_TCP_ADDR=d'));
});

test('a service of another stack is linked by its whole name', (t) => {
  const other = service('db', { stack: 'other', vip: '10.32.1.9', ports: [5432] });
  t.true(variables([service('db'), other], 'db.other', 'sql').includes('SQL_PORT_5432_TCP_ADDR=10.32.1.9'));
});

test('a service of another stack, or on no network of the asking one, has no variables', (t) => {
  t.deepEqual(variables([service('db', { stack: 'other' })], 'db', 'db'), []);
  t.deepEqual(variables([], 'db', 'db'), []);
});
