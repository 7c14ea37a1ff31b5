import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metadata } from '@grpc/grpc-js';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { Logger } from '../index.ts';
import { headerOf, metadataOf } from './headers.ts';
import { type CallContext, Control, Dispatcher, RpcChannel, RpcServer } from './index.ts';

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

test('any text comes out of a header as it went in, through what HTTP/2 takes', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const metadata = metadataOf({ name: value });
      t.regex(String(metadata.get('name')[0]), /^[!-~]*$/);
      t.is(headerOf(metadata, 'name'), value.toWellFormed());
    }),
  );
});

test('what another client says with a stray percent sign stays as it is', (t) => {
  const metadata = new Metadata();
  metadata.set('name', '100%');
  t.is(headerOf(metadata, 'name'), '100%');
  t.is(headerOf(metadata, 'other'), undefined);
});

/** What the handlers of each kind of call were told. */
const heard = async (t: ExecutionContext) => {
  const dir = await mkdtemp(join(tmpdir(), 'tso-headers-'));
  const address = `unix:${join(dir, 's')}`;
  const contexts: CallContext[] = [];
  const server = new RpcServer({ address, authenticate: () => ['client', 'worker'], logger: silent });
  server
    .add(
      { scaleServices: Control.scaleServices, logs: Control.logs },
      {
        scaleServices: async (_request, context) => {
          contexts.push(context);
          return { version: 1, changes: [] };
        },
        logs: async function* (_request, context) {
          contexts.push(context);
          yield { warning: 'last' };
        },
      },
    )
    .add(
      { session: Dispatcher.session },
      {
        session: async function* (_messages, context) {
          contexts.push(context);
          yield { heartbeatAck: { sequence: 1, measure: [] } };
        },
      },
    );
  await server.start();
  const channel = new RpcChannel(address);
  t.teardown(async () => {
    channel.close();
    await server.stop(0);
    await rm(dir, { recursive: true });
  });
  return { contexts, channel };
};

test('headers go along in every kind of call', async (t) => {
  const { contexts, channel } = await heard(t);
  const { scaleServices, logs } = channel.client({ scaleServices: Control.scaleServices, logs: Control.logs });
  const { session } = channel.client({ session: Dispatcher.session });
  await scaleServices({ stack: 's', scales: [] }, { headers: { 'idempotency-key': 'k 1' } });
  for await (const line of logs({ stack: 's', targets: [], options: { follow: false }, seen: [] }, { headers: { 'tso-actor': 'Jörg' } }))
    t.is(line.warning, 'last');
  const stream = session({ headers: { traceparent: '00-ab-cd-01' } });
  for await (const message of stream) t.deepEqual(message, { heartbeatAck: { sequence: 1, measure: [] } });
  t.deepEqual(
    contexts.map((it) => [it.header('idempotency-key'), it.header('tso-actor'), it.header('traceparent')]),
    [
      ['k 1', undefined, undefined],
      [undefined, 'Jörg', undefined],
      [undefined, undefined, '00-ab-cd-01'],
    ],
  );
});
