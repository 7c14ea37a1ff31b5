import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { emptyEndpoint, emptyNetworkAssignment, type Logger, TsoError } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import { decode, encode } from 'dns-packet';
import { DnsCounts } from './dns-counts.ts';
import { framed, MessageReader } from './dns-framing.ts';
import { emptyAnswer, responseCodes } from './dns-message.ts';
import { nameTable } from './dns-records.ts';
import { NameScope } from './dns-scope.ts';
import { DnsServer, type DnsServerPorts } from './dns-server.ts';

const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

const endpoints = Array.from({ length: 200 }, (_, index) => ({
  ...emptyEndpoint,
  taskId: `t${index}`,
  serviceName: 'many',
  stack: 'shop',
  address: `10.32.1.${index + 2}`,
  names: [`many-${index}`],
  serving: true,
}));
const scope = new NameScope([nameTable({ ...emptyNetworkAssignment, id: 'n', subnet: '10.32.1.0/24', endpoints })], {
  stack: 'shop',
  links: [],
});

const serve = async (t: ExecutionContext, changes: Partial<DnsServerPorts> = {}): Promise<number> => {
  const server = new DnsServer(
    { address: '127.0.0.1', port: 0 },
    {
      logger: silentLogger,
      counts: new DnsCounts(),
      askerOf: () => ({ taskId: 't', scope }),
      askElsewhere: async () => undefined,
      ...changes,
    },
  );
  await server.start();
  t.teardown(() => server.stop());
  return server.port ?? 0;
};

const question = (name: string, changes: object = {}): Buffer =>
  encode({ type: 'query', id: 77, flags: 0x100, questions: [{ name, type: 'A' }], ...changes });

const askUdp = async (t: ExecutionContext, port: number, message: Uint8Array): Promise<Buffer> => {
  const socket = createSocket('udp4');
  t.teardown(() => socket.close());
  socket.send(message, port, '127.0.0.1');
  const [reply] = (await once(socket, 'message')) as [Buffer];
  return reply;
};

const askTcp = async (port: number, ...messages: readonly Uint8Array[]): Promise<readonly Uint8Array[]> => {
  const socket = connect(port, '127.0.0.1');
  const reader = new MessageReader();
  const replies: Uint8Array[] = [];
  for (const message of messages) socket.write(framed(message));
  for await (const chunk of socket) {
    replies.push(...(reader.push(chunk) ?? []));
    if (replies.length === messages.length) break;
  }
  return replies;
};

const countOf = (message: Uint8Array): number => decode(Buffer.from(message)).answers?.length ?? 0;

test('200 tasks are one answer by TCP, and as many as fit with a sign by UDP', async (t) => {
  const port = await serve(t);
  const cut = await askUdp(t, port, question('many'));
  t.deepEqual([countOf(cut), decode(cut).flag_tc, cut.length <= 512], [30, true, true]);
  const [whole = Buffer.alloc(0), single = Buffer.alloc(0)] = await askTcp(port, question('many'), question('many-7'));
  t.deepEqual([countOf(whole), decode(Buffer.from(whole)).flag_tc], [200, false]);
  t.deepEqual(
    decode(Buffer.from(single)).answers?.map((one) => (one.type === 'A' ? one.data : '')),
    ['10.32.1.9'],
  );
});

test('the resolver of Node gets all 200 tasks: it asks again by TCP', async (t) => {
  const resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${await serve(t)}`]);
  t.is(new Set(await resolver.resolve4('many')).size, 200);
  t.deepEqual(await resolver.resolve4('MANY-7', { ttl: true }), [{ address: '10.32.1.9', ttl: 1 }]);
  t.deepEqual(await resolver.reverse('10.32.1.9'), ['many-7']);
  await t.throwsAsync(resolver.resolve6('many-7'), { code: 'ENODATA' });
  await t.throwsAsync(resolver.reverse('10.32.1.250'), { code: 'ENOTFOUND' });
});

test('who is no task of ours is refused', async (t) => {
  const port = await serve(t, { askerOf: () => undefined });
  t.is(((await askUdp(t, port, question('many')))[3] ?? 0) & 0xf, responseCodes.refused);
});

test('names that are not ours are asked elsewhere; silence there is a failure, and so is an exception', async (t) => {
  const known = encode({
    type: 'response',
    id: 77,
    questions: [{ name: 'known.test', type: 'A' }],
    answers: [{ type: 'A', name: 'known.test', data: '203.0.113.7' }],
  });
  const counts = new DnsCounts();
  const port = await serve(t, {
    counts,
    askElsewhere: async (_asker, _message, query) => {
      if (query.key.includes('known')) return known;
      if (query.key.includes('never')) return emptyAnswer(responseCodes.noSuchName);
      if (query.key.includes('breaks')) throw new Error('broken');
      return undefined;
    },
  });
  t.deepEqual(Buffer.from(await askUdp(t, port, question('known.test'))), known);
  for (const [name, code] of [
    ['never.test', responseCodes.noSuchName],
    ['breaks.test', responseCodes.serverFailure],
    ['silent.test', responseCodes.serverFailure],
  ] as const)
    t.is(((await askUdp(t, port, question(name)))[3] ?? 0) & 0xf, code, name);
  const [byTcp = Buffer.alloc(0)] = await askTcp(port, question('known.test'));
  t.deepEqual(Buffer.from(byTcp), known);
  await askUdp(t, port, question('many-7'));
  t.deepEqual(
    counts.figures().map(({ code, elsewhere, count }) => [code, elsewhere, count]),
    [
      ['noerror', false, 1],
      ['noerror', true, 2],
      ['servfail', true, 2],
      ['nxdomain', true, 1],
    ],
  );
});

test('what cannot be read is told so and harms nobody, by UDP and TCP', async (t) => {
  const port = await serve(t);
  const looped = Uint8Array.from([0, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1]);
  t.is(((await askUdp(t, port, looped))[3] ?? 0) & 0xf, responseCodes.formatError);
  const [bad = Buffer.alloc(0), good = Buffer.alloc(0)] = await askTcp(port, looped, question('many-7'));
  t.deepEqual([(bad[3] ?? 0) & 0xf, countOf(good)], [responseCodes.formatError, 1]);
});

test('a stream that announces more than any question has is closed', async (t) => {
  const socket = connect(await serve(t), '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.write(Uint8Array.of(0xff, 0xff, 0));
  await once(socket, 'close');
  t.pass();
});

test('one address has a part of the connections only', async (t) => {
  const port = await serve(t);
  const sockets = await Promise.all(
    Array.from({ length: 32 }, async () => {
      const socket = connect(port, '127.0.0.1');
      t.teardown(() => socket.destroy());
      await once(socket, 'connect');
      return socket;
    }),
  );
  const surplus = connect(port, '127.0.0.1');
  t.teardown(() => surplus.destroy());
  await once(surplus, 'close');
  const [first] = sockets;
  first?.write(framed(question('many-7')));
  t.truthy(await Promise.race(sockets.slice(0, 1).map((socket) => once(socket, 'data'))));
});

test('a port that somebody has is told with who has it', async (t) => {
  const holder = createServer().listen(0, '127.0.0.1');
  t.teardown(() => holder.close());
  await once(holder, 'listening');
  const address = holder.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const server = new DnsServer(
    { address: '127.0.0.1', port },
    { logger: silentLogger, counts: new DnsCounts(), askerOf: () => undefined, askElsewhere: async () => undefined },
  );
  const error = await t.throwsAsync(server.start(), { instanceOf: TsoError, code: 'FAILED_PRECONDITION' });
  t.regex(error?.message ?? '', new RegExp(`port ${port}/tcp is taken by .* \\(pid ${process.pid}\\)`));
});
