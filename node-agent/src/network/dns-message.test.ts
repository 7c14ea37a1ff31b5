import test from 'ava';
import { decode, encode, RECURSION_DESIRED } from 'dns-packet';
import fc from 'fast-check';
import {
  answersQuery,
  encodeAnswer,
  encodeBadQuery,
  encodeFailure,
  encodeUdpAnswer,
  framed,
  isSettled,
  isTruncated,
  MessageReader,
  messageId,
  type ParsedQuery,
  parseQuery,
  responseCodes,
  withMessageId,
} from './dns-message.ts';

const question = (name: string, type: 'A' | 'AAAA' | 'PTR' = 'A', udpPayloadSize = 0): Uint8Array =>
  encode({
    type: 'query',
    id: 4711,
    flags: RECURSION_DESIRED,
    questions: [{ name, type }],
    additionals:
      udpPayloadSize === 0
        ? []
        : [{ type: 'OPT', name: '.', udpPayloadSize, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] }],
  });

const query = (parsed: ParsedQuery) => {
  if (parsed.kind !== 'query') throw new Error(`not a query: ${parsed.kind}`);
  return parsed.query;
};
const codeOf = (message: Uint8Array): number => (message[3] ?? 0) & 0xf;
const many = (count: number) => ({
  kind: 'addresses' as const,
  addresses: Array.from({ length: count }, (_, index) => `10.32.${index >> 8}.${index & 255}`),
});

test('a question is read with its name as written, its type and its id', (t) => {
  const { id, question: asked, recursionDesired, maxAnswerBytes, edns } = query(parseQuery(question('Web.Shop', 'AAAA')));
  t.deepEqual(
    { id, asked, recursionDesired, maxAnswerBytes, edns },
    { id: 4711, asked: { name: 'Web.Shop', type: 'AAAA', class: 'IN' }, recursionDesired: true, maxAnswerBytes: 512, edns: false },
  );
});

test('the size of an answer is what EDNS says, within reason', (t) => {
  const size = (bytes: number) => query(parseQuery(question('web', 'A', bytes))).maxAnswerBytes;
  t.deepEqual([size(100), size(1232), size(65_000)], [512, 1232, 1400]);
});

test('whatever comes in, reading it does not throw, and neither does answering what could be read', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => ['query', 'bad', 'ignored'].includes(parseQuery(bytes).kind)));
  const whole = question('web.shop', 'A', 1232);
  fc.assert(
    fc.property(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 }), (at, value) => {
      const damaged = Uint8Array.from(whole);
      damaged[at] = value;
      const parsed = parseQuery(damaged);
      return parsed.kind !== 'query' || encodeFailure(parsed.query, responseCodes.refused).length > 0;
    }),
  );
  t.pass();
});

test('responses are ignored, other operations and damaged questions are told so', (t) => {
  const header = (flags: number, questions: number) => Uint8Array.from([0x12, 0x34, flags, 0, 0, questions, 0, 0, 0, 0, 0, 0]);
  t.deepEqual(parseQuery(header(0x80, 1)), { kind: 'ignored' });
  t.deepEqual(parseQuery(Uint8Array.of(1, 2, 3)), { kind: 'ignored' });
  t.deepEqual(parseQuery(header(0x20, 1)), { kind: 'bad', id: 0x1234, code: responseCodes.notImplemented });
  t.deepEqual(parseQuery(header(0, 2)), { kind: 'bad', id: 0x1234, code: responseCodes.formatError });
  t.deepEqual(parseQuery(header(0, 1)), { kind: 'bad', id: 0x1234, code: responseCodes.formatError });
  t.is(codeOf(encodeBadQuery(7, responseCodes.formatError)), 1);
});

test('an answer repeats the question and carries each address for one second', (t) => {
  const message = encodeAnswer(query(parseQuery(question('WEB'))), { kind: 'addresses', addresses: ['10.32.1.3', '10.32.1.4'] });
  const packet = decode(Buffer.from(message));
  t.is(packet.id, 4711);
  t.deepEqual(
    packet.questions?.map(({ name, type }) => ({ name, type })),
    [{ name: 'WEB', type: 'A' }],
  );
  t.deepEqual(
    packet.answers?.map((answer) => (answer.type === 'A' ? [answer.name, answer.ttl, answer.data] : [])),
    [
      ['WEB', 1, '10.32.1.3'],
      ['WEB', 1, '10.32.1.4'],
    ],
  );
});

test('the other kinds of answers have their code', (t) => {
  const asked = query(parseQuery(question('3.1.32.10.in-addr.arpa', 'PTR', 1232)));
  const pointer = decode(Buffer.from(encodeAnswer(asked, { kind: 'pointer', name: 'web' })));
  t.deepEqual(
    pointer.answers?.map((answer) => (answer.type === 'PTR' ? answer.data : '')),
    ['web'],
  );
  t.is(pointer.additionals?.[0]?.type, 'OPT');
  t.is(codeOf(encodeAnswer(asked, { kind: 'no-such-name' })), responseCodes.noSuchName);
  t.is(codeOf(encodeAnswer(asked, { kind: 'empty' })), responseCodes.noError);
  t.is(codeOf(encodeFailure(asked, responseCodes.refused)), responseCodes.refused);
});

test('an answer by UDP never exceeds what was asked for, and says when it was cut', (t) => {
  fc.assert(
    fc.property(fc.nat({ max: 300 }), fc.integer({ min: 512, max: 1400 }), (count, size) => {
      const asked = query(parseQuery(question('service.of.a.long.name', 'A', size)));
      const message = encodeUdpAnswer(asked, many(count));
      const packet = decode(Buffer.from(message));
      const whole = encodeAnswer(asked, many(count)).length <= size;
      return message.length <= size && isTruncated(message) === !whole && (!whole || packet.answers?.length === count);
    }),
  );
  t.pass();
});

test('an answer is taken only with the id and the question that were sent', (t) => {
  const sent = question('web');
  const answer = encodeAnswer(query(parseQuery(sent)), many(1));
  t.true(answersQuery(answer, sent));
  t.false(answersQuery(withMessageId(answer, 1), sent));
  t.false(answersQuery(encodeAnswer(query(parseQuery(question('wen'))), many(1)), sent));
  t.false(answersQuery(sent, sent));
  t.false(answersQuery(Uint8Array.of(1, 2), sent));
  t.is(messageId(withMessageId(sent, 99)), 99);
  t.is(messageId(sent), 4711);
});

test('refusals and failures of a resolver settle nothing', (t) => {
  const asked = query(parseQuery(question('web')));
  t.true(isSettled(encodeAnswer(asked, { kind: 'no-such-name' })));
  t.true(isSettled(encodeAnswer(asked, many(1))));
  t.false(isSettled(encodeFailure(asked, responseCodes.serverFailure)));
  t.false(isSettled(encodeFailure(asked, responseCodes.refused)));
});

test('messages of a TCP stream come out as they went in, however it is cut', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 17 }), { minLength: 1 }),
      (messages, cuts) => {
        const stream = Buffer.concat(messages.map(framed));
        const reader = new MessageReader();
        const seen: Uint8Array[] = [];
        for (let at = 0, step = 0; at < stream.length; step += 1) {
          const length = cuts[step % cuts.length] ?? 1;
          seen.push(...reader.push(stream.subarray(at, at + length)));
          at += length;
        }
        return seen.length === messages.length && seen.every((message, index) => Buffer.from(messages[index] ?? []).equals(message));
      },
    ),
  );
  t.pass();
});
