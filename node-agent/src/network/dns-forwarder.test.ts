import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Clock } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import { DnsForwarder, forwardLimits } from './dns-forwarder.ts';
import { framed, MessageReader } from './dns-framing.ts';
import { addressAnswer, encodeAnswer, encodeFailure, maxTcpBytes, parseQuery, responseCodes } from './dns-message.ts';
import { messageId } from './dns-relay.ts';

/** Time stands still: no question runs out of patience. */
const stopped: Clock = { now: () => 0, monotonic: () => 0, setTimer: () => () => undefined };

/** Timers that the test lets run out. */
class HandClock implements Clock {
  readonly #timers = new Set<{ readonly delayMs: number; readonly callback: () => void }>();
  now = (): number => 0;
  monotonic = (): number => 0;

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer = { delayMs, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Lets every timer of that delay run out. */
  elapse(delayMs: number): void {
    for (const timer of [...this.#timers]) {
      if (timer.delayMs !== delayMs || !this.#timers.delete(timer)) continue;
      timer.callback();
    }
  }

  get pending(): number {
    return this.#timers.size;
  }
}

/** A question for `a.` of type A (RFC 1035, 4.1). */
const message = Uint8Array.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0x61, 0, 0, 1, 0, 1]);
const parsedMessage = parseQuery(message);
if (parsedMessage.kind !== 'query') throw new Error('the question cannot be read');
const { query } = parsedMessage;

const forward = (forwarder: DnsForwarder, servers: readonly string[], transport: 'udp' | 'tcp', asker = 'task') =>
  forwarder.forward({ message, query, servers, transport, asker });

type Behaviour = 'answers' | 'fails' | 'truncates' | 'silent';

const reply = (message: Uint8Array, behaviour: Behaviour): Uint8Array | undefined => {
  const parsed = parseQuery(message);
  if (parsed.kind !== 'query' || behaviour === 'silent') return undefined;
  if (behaviour === 'fails') return encodeFailure(message, parsed.query, responseCodes.serverFailure);
  const addresses = behaviour === 'truncates' ? [] : ['203.0.113.7'];
  const answer = Uint8Array.from(encodeAnswer(message, parsed.query, addressAnswer(addresses), maxTcpBytes, 0));
  if (behaviour === 'truncates') answer[2] = (answer[2] ?? 0) | 2;
  return answer;
};

/** A resolver on a loopback address; port 0 takes a free one. Each question it gets is told. */
const resolver = async (t: ExecutionContext, address: string, port: number, behaviour: Behaviour): Promise<Socket> => {
  const socket = createSocket('udp4');
  socket.on('message', (message, client) => {
    const answer = reply(message, behaviour);
    if (answer !== undefined) socket.send(answer, client.port, client.address);
  });
  socket.bind(port, address);
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  return socket;
};

const addressesIn = (answer: Uint8Array | undefined): string | undefined =>
  answer === undefined ? undefined : [...answer.subarray(-4)].join('.');

test('resolvers to which there is no way give no answer, and no exception', async (t) => {
  // A link-local address without its link: connecting fails at once, wherever this runs.
  const nowhere = ['fe80::1', 'fe80::2'];
  t.is(await forward(new DnsForwarder({}, { clock: stopped }), nowhere, 'udp'), undefined);
  t.is(await forward(new DnsForwarder({}, { clock: stopped }), nowhere, 'tcp'), undefined);
});

test('an answer comes back with the id of the question', async (t) => {
  const { port } = (await resolver(t, '127.0.0.1', 0, 'answers')).address();
  const clock = new HandClock();
  const answer = await forward(new DnsForwarder({ port }, { clock }), ['127.0.0.1'], 'udp');
  t.is(answer === undefined ? undefined : messageId(answer), 7);
  t.is(addressesIn(answer), '203.0.113.7');
  t.is(clock.pending, 0);
});

test('a resolver that fails or is not there is followed by the next', async (t) => {
  const { port } = (await resolver(t, '127.0.0.2', 0, 'fails')).address();
  await resolver(t, '127.0.0.3', port, 'answers');
  const forwarder = new DnsForwarder({ port }, { clock: stopped });
  t.is(addressesIn(await forward(forwarder, ['127.0.0.2', '127.0.0.3'], 'udp')), '203.0.113.7');
  t.is(addressesIn(await forward(forwarder, ['127.0.0.4', '127.0.0.3'], 'udp')), '203.0.113.7');
});

test('when all fail the failure is handed on', async (t) => {
  const { port } = (await resolver(t, '127.0.0.1', 0, 'fails')).address();
  const answer = await forward(new DnsForwarder({ port }, { clock: stopped }), ['127.0.0.1'], 'udp');
  t.is((answer?.[3] ?? 0) & 0xf, responseCodes.serverFailure);
});

test('a silent resolver is waited for a second, then the next is asked too', async (t) => {
  const silent = await resolver(t, '127.0.0.2', 0, 'silent');
  const { port } = silent.address();
  await resolver(t, '127.0.0.3', port, 'answers');
  const clock = new HandClock();
  const asked = once(silent, 'message');
  const answer = forward(new DnsForwarder({ port }, { clock }), ['127.0.0.2', '127.0.0.3'], 'udp');
  await asked;
  clock.elapse(1_000);
  t.is(addressesIn(await answer), '203.0.113.7');
  t.is(clock.pending, 0);
});

test('with silent resolvers alone a question ends after four seconds', async (t) => {
  const silent = await resolver(t, '127.0.0.1', 0, 'silent');
  const clock = new HandClock();
  const asked = once(silent, 'message');
  const answer = forward(new DnsForwarder({ port: silent.address().port }, { clock }), ['127.0.0.1'], 'udp');
  await asked;
  clock.elapse(4_000);
  t.is(await answer, undefined);
});

test('a cut answer is asked for again by TCP when the client came by TCP, and handed on to one that came by UDP', async (t) => {
  const server = createServer((socket) => {
    const reader = new MessageReader();
    socket.on('data', (chunk) => {
      for (const message of reader.push(chunk) ?? []) socket.write(framed(reply(message, 'answers') ?? message));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await resolver(t, '127.0.0.1', port, 'truncates');
  const forwarder = new DnsForwarder({ port }, { clock: stopped });
  t.is(addressesIn(await forward(forwarder, ['127.0.0.1'], 'tcp')), '203.0.113.7');
  t.is(((await forward(forwarder, ['127.0.0.1'], 'udp'))?.[2] ?? 0) & 2, 2);
});

test('stopping ends what is under way', async (t) => {
  const { port } = (await resolver(t, '127.0.0.1', 0, 'silent')).address();
  const clock = new HandClock();
  const forwarder = new DnsForwarder({ port }, { clock });
  const answer = forward(forwarder, ['127.0.0.1'], 'udp');
  forwarder.stop();
  t.is(await answer, undefined);
  t.is(clock.pending, 0);
});

test('one task that asks without end leaves the others their part, and what has ended is not counted', async (t) => {
  const silent = await resolver(t, '127.0.0.1', 0, 'silent');
  const forwarder = new DnsForwarder({ port: silent.address().port }, { clock: new HandClock() });
  const begun = Array.from({ length: forwardLimits.each }, () => forward(forwarder, ['127.0.0.1'], 'udp', 'greedy'));
  t.is(await forward(forwarder, ['127.0.0.1'], 'udp', 'greedy'), undefined);
  const other = forward(forwarder, ['127.0.0.1'], 'udp', 'modest');
  const [first] = await Promise.race([other.then(() => ['answered']), once(silent, 'message').then(() => ['asked'])]);
  t.is(first, 'asked');
  forwarder.stop();
  await Promise.all([...begun, other]);
  const again = forward(forwarder, ['127.0.0.1'], 'udp', 'greedy');
  const heard = once(silent, 'message');
  t.truthy(await Promise.race([heard, again.then(() => undefined)]));
  forwarder.stop();
  await again;
});

test('when all together ask too much, whoever asks most loses its oldest question to a new one', async (t) => {
  const silent = await resolver(t, '127.0.0.1', 0, 'silent');
  const clock = new HandClock();
  const forwarder = new DnsForwarder({ port: silent.address().port }, { clock });
  const ended: string[] = [];
  const begin = (asker: string, count: number) =>
    Array.from({ length: count }, (_, index) =>
      forward(forwarder, ['127.0.0.1'], 'udp', asker).then(() => ended.push(`${asker} ${index}`)),
    );
  const most = Math.floor(forwardLimits.all / 4);
  const begun = ['a', 'b', 'c'].flatMap((asker) => begin(asker, most - 1));
  begun.push(...begin('greedy', most), ...begin('quiet', forwardLimits.all - 4 * most + 3));
  t.is(clock.pending, 2 * forwardLimits.all, 'all of them wait');
  begun.push(...begin('modest', 1));
  await begun[3 * (most - 1)];
  t.deepEqual(ended, ['greedy 0']);
  t.is(clock.pending, 2 * forwardLimits.all, 'the new one in its place');
  forwarder.stop();
  await Promise.all(begun);
  t.is(clock.pending, 0);
});

test('an answer from elsewhere, with another id or to another question is not taken', async (t) => {
  const socket = createSocket('udp4');
  const stranger = createSocket('udp4');
  t.teardown(() => {
    socket.close();
    stranger.close();
  });
  socket.on('message', (asked, client) => {
    const forged = Uint8Array.from(reply(asked, 'answers') ?? asked);
    stranger.send(forged, client.port, client.address, () => {
      const otherId = Uint8Array.from(forged);
      otherId[0] = (otherId[0] ?? 0) ^ 1;
      const otherName = Uint8Array.from(forged);
      otherName[13] = 0x62;
      for (const wrong of [otherId, otherName]) {
        wrong[wrong.length - 1] = 66;
        socket.send(wrong, client.port, client.address);
      }
      socket.send(forged, client.port, client.address);
    });
    forged[forged.length - 1] = 8;
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const answer = await forward(new DnsForwarder({ port: socket.address().port }, { clock: stopped }), ['127.0.0.1'], 'udp');
  t.is(addressesIn(answer), '203.0.113.8');
});

test('a cut answer is handed on when its resolver has no TCP', async (t) => {
  const { port } = (await resolver(t, '127.0.0.1', 0, 'truncates')).address();
  const answer = await forward(new DnsForwarder({ port }, { clock: stopped }), ['127.0.0.1'], 'tcp');
  t.is((answer?.[2] ?? 0) & 2, 2);
});
