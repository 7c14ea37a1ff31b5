import test from 'ava';
import { decode, encode } from 'dns-packet';
import fc from 'fast-check';
import { type DnsQuery, parseQuery } from './dns-message.ts';
import { answersQuery, incoming, isSettled, isTruncated, messageId, outgoing } from './dns-relay.ts';

const question = (name: string, udpPayloadSize = 0): Buffer =>
  encode({
    type: 'query',
    id: 4711,
    questions: [{ name, type: 'A' }],
    additionals:
      udpPayloadSize === 0
        ? []
        : [{ type: 'OPT', name: '.', udpPayloadSize, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] }],
  });

const parsed = (message: Uint8Array): DnsQuery => {
  const result = parseQuery(message);
  if (result.kind !== 'query') throw new Error(`not a query: ${result.kind}`);
  return result.query;
};

const answer = (id: number, name: string, flags = 0): Buffer =>
  encode({
    type: 'response',
    id,
    flags,
    questions: [{ name, type: 'A' }],
    answers: [{ type: 'A', name, data: '203.0.113.7', ttl: 60 }],
  });

const sizeOf = (message: Uint8Array): number | undefined => {
  const [opt] = decode(Buffer.from(message)).additionals ?? [];
  return opt?.type === 'OPT' ? opt.udpPayloadSize : undefined;
};

test('a question goes out with another id and asks for no more than we hand on', (t) => {
  for (const [asked, sent] of [
    [4_096, 1_232],
    [1_000, 1_000],
    [100, 512],
  ] as const) {
    const message = question('www.example.com', asked);
    const out = outgoing(message, parsed(message), 99);
    t.deepEqual([messageId(out), sizeOf(out), messageId(message), sizeOf(message)], [99, sent, 4711, asked]);
  }
  t.is(outgoing(question('a'), parsed(question('a')), 1).length, question('a').length);
});

test('an answer comes back with the id and the letters of the question', (t) => {
  const message = question('wWw.eXample.com');
  const back = decode(Buffer.from(incoming(answer(99, 'www.example.com'), message, parsed(message))));
  t.deepEqual([back.id, back.questions?.[0]?.name], [4711, 'wWw.eXample.com']);
});

test('an answer is taken only with the id and the question that were sent', (t) => {
  const sent = question('web.shop');
  const { questionEnd } = parsed(sent);
  const takes = (reply: Uint8Array): boolean => answersQuery(reply, sent, questionEnd);
  t.true(takes(answer(4711, 'web.shop')));
  t.true(takes(answer(4711, 'WEB.shop')), 'names have no case');
  t.false(takes(answer(4712, 'web.shop')), 'another id');
  t.false(takes(answer(4711, 'wen.shop')), 'another name');
  t.false(takes(answer(4711, 'web.shops')), 'a longer name');
  t.false(takes(sent), 'a question');
  t.false(takes(Uint8Array.of(1, 2)), 'no message');
  const otherType = answer(4711, 'web.shop');
  otherType[questionEnd - 3] = 28;
  t.false(takes(otherType), 'another type');
});

test('only a failure may leave the question out', (t) => {
  const sent = question('web');
  const bare = (code: number) => encode({ type: 'response', id: 4711, flags: code, questions: [], answers: [] });
  t.true(answersQuery(bare(1), sent, parsed(sent).questionEnd));
  t.false(answersQuery(bare(0), sent, parsed(sent).questionEnd));
});

test('no bytes that are not letters are taken for another case of each other', (t) => {
  fc.assert(
    fc.property(fc.nat({ max: 255 }), fc.nat({ max: 255 }), (a, b) => {
      const message = (byte: number, flags: number) => Uint8Array.from([0, 7, flags, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, byte, 0, 0, 1, 0, 1]);
      const lower = (byte: number) => (byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte);
      return answersQuery(message(a, 0x80), message(b, 0), 19) === (lower(a) === lower(b));
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});

test('refusals and failures of a resolver settle nothing, and cut answers are known', (t) => {
  for (const [code, settled] of [
    [0, true],
    [3, true],
    [2, false],
    [4, false],
    [5, false],
  ] as const)
    t.is(isSettled(answer(1, 'a', code)), settled, String(code));
  t.true(isTruncated(answer(1, 'a', 0x200)));
  t.false(isTruncated(answer(1, 'a')));
});
