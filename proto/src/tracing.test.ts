import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { noTracing, parseTraceparent, startTracing, tracesUrl } from './tracing.ts';

interface Received {
  readonly path: string;
  readonly body: string;
}

const collector = async (t: ExecutionContext): Promise<{ readonly url: string; readonly received: Received[] }> => {
  const received: Received[] = [];
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push({ path: request.url ?? '', body: Buffer.concat(chunks).toString() });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
};

const options = (env: Readonly<Record<string, string>>) => ({ service: 'tso-manager', version: '1.2.3', nodeId: 'n1', env });

interface SpanAsSent {
  readonly name: string;
  readonly traceId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly status: { readonly code?: number; readonly message?: string };
}

const spansIn = ({ body }: Received): readonly SpanAsSent[] => {
  const { resourceSpans } = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: SpanAsSent[] }[] }[] };
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
};

test('spans reach the collector, under whoever asked for them, with what they failed with', async (t) => {
  const { url, received } = await collector(t);
  const tracing = await startTracing(options({ OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/` }));
  const parent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const call = tracing.begin({ name: '/tso.v1.Control/ApplyStack', kind: 'server', parent, attributes: { 'rpc.system': 'grpc' } });
  const inner = tracing.begin({ name: 'plan', kind: 'internal', parent: call.traceparent });
  inner.end('no node fits');
  call.end();
  await tracing.stop();
  t.is(received[0]?.path, '/v1/traces');
  const spans = received.flatMap(spansIn);
  const [plan, apply] = [spans.find(({ name }) => name === 'plan'), spans.find(({ name }) => name !== 'plan')];
  t.deepEqual([apply?.traceId, apply?.parentSpanId, apply?.kind], ['a'.repeat(32), 'b'.repeat(16), 2]);
  t.deepEqual([plan?.traceId, plan?.parentSpanId], ['a'.repeat(32), call.traceparent?.split('-')[2]]);
  t.deepEqual(plan?.status, { code: 2, message: 'no node fits' });
  for (const part of ['tso-manager', '1.2.3', 'service.instance.id']) t.true(received[0]?.body.includes(part), part);
});

test('without an endpoint nothing is recorded, and nothing is loaded', async (t) => {
  t.is(await startTracing(options({})), noTracing);
  t.is(await startTracing(options({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x', OTEL_SDK_DISABLED: 'true' })), noTracing);
  const span = noTracing.begin({ name: 'x', kind: 'internal' });
  span.end('whatever');
  t.is(span.traceparent, undefined);
});

test('a collector that is away costs its spans and nothing else', async (t) => {
  const tracing = await startTracing(options({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9/v1/traces' }));
  tracing.begin({ name: 'x', kind: 'internal' }).end();
  await t.notThrowsAsync(tracing.stop());
});

test('the endpoint for traces goes before the general one, which has its path added', (t) => {
  t.is(tracesUrl({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/' }), 'http://c:4318/v1/traces');
  t.is(tracesUrl({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://d/x' }), 'http://d/x');
});

test('a traceparent that is none is no parent', (t) => {
  t.deepEqual(parseTraceparent(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`), {
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    traceFlags: 1,
  });
  for (const text of [
    undefined,
    '',
    '00-x-y-01',
    `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`,
    `01-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  ]) {
    t.is(parseTraceparent(text), undefined);
  }
});
