import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TsoError } from '@tso/proto';
import test from 'ava';
import { Router, readJsonBody, sendJson } from './router.ts';

const router = new Router([
  { method: 'GET', path: '/images/json', handler: async (_, response) => sendJson(response, 200, 'list') },
  { method: 'DELETE', path: '/images/:name*', handler: async ({ params }, response) => sendJson(response, 200, params) },
  {
    method: 'POST',
    path: '/echo',
    handler: async ({ raw, query }, response) => sendJson(response, 200, { body: await readJsonBody(raw), q: query.getAll('q') }),
  },
  {
    method: 'GET',
    path: '/fail',
    handler: async () => {
      throw new TsoError('CONFLICT', 'taken', { hint: 'Choose another', details: { holder: 'web' } });
    },
  },
]);

const listening = async (body: (server: Server) => Promise<void>): Promise<void> => {
  const server = createServer((raw, response) => router.handle(raw, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await body(server);
  } finally {
    server.close();
  }
};

const call = (server: Server, method: string, path: string, body?: string): Promise<{ readonly status: number; readonly json: unknown }> =>
  new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    const sent = request({ port, host: '127.0.0.1', method, path, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, json: JSON.parse(text) }));
    });
    sent.on('error', reject);
    sent.end(body);
  });

test('a route is found with and without the version prefix of Docker clients', (t) =>
  listening(async (server) => {
    t.is((await call(server, 'GET', '/images/json')).json, 'list');
    t.is((await call(server, 'GET', '/v1.43/images/json')).json, 'list');
  }));

test('a name with slashes and escapes is one parameter', (t) =>
  listening(async (server) => {
    t.deepEqual((await call(server, 'DELETE', '/images/localhost:5000/a%2Fb:1')).json, { name: 'localhost:5000/a/b:1' });
  }));

test('the body and repeated query parameters arrive', (t) =>
  listening(async (server) => {
    t.deepEqual((await call(server, 'POST', '/echo?q=1&q=2', '{"a":1}')).json, { body: { a: 1 }, q: ['1', '2'] });
    t.deepEqual((await call(server, 'POST', '/echo')).json, { body: {}, q: [] });
  }));

test('a path or a body that is none is the mistake of the caller', (t) =>
  listening(async (server) => {
    t.like(await call(server, 'DELETE', '/images/%zz'), { status: 400, json: { message: '"/images/%zz" is not a path' } });
    t.is((await call(server, 'GET', '//')).status, 404);
    for (const body of ['null', '[]', '3'])
      t.like(await call(server, 'POST', '/echo', body), { status: 400, json: { message: 'the request body is not a JSON object' } });
  }));

test('an error becomes its status, message, code, hint and details', (t) =>
  listening(async (server) => {
    t.deepEqual(await call(server, 'GET', '/fail'), {
      status: 409,
      json: { message: 'taken', code: 'CONFLICT', hint: 'Choose another', details: { holder: 'web' } },
    });
    t.is((await call(server, 'GET', '/nothing')).status, 404);
    t.is((await call(server, 'POST', '/echo', '{')).status, 400);
  }));
