import test from 'ava';
import { decode, encode, RECURSION_DESIRED } from 'dns-packet';
import fc from 'fast-check';
import {
  addressAnswer,
  encodeAnswer,
  encodeBadQuery,
  encodeFailure,
  maxTcpBytes,
  type ParsedQuery,
  type PreparedAnswer,
  parseQuery,
  pointerAnswer,
  recordTypes,
  responseCodes,
} from './dns-message.ts';

/** Written and read by another implementation than ours. */
const question = (name: string, type: 'A' | 'AAAA' | 'PTR' = 'A', udpPayloadSize = 0, ednsVersion = 0): Buffer =>
  encode({
    type: 'query',
    id: 4711,
    flags: RECURSION_DESIRED,
    questions: [{ name, type }],
    additionals:
      udpPayloadSize === 0
        ? []
        : [{ type: 'OPT', name: '.', udpPayloadSize, extendedRcode: 0, ednsVersion, flags: 0, flag_do: false, options: [] }],
  });

const query = (parsed: ParsedQuery) => {
  if (parsed.kind !== 'query') throw new Error(`not a query: ${parsed.kind}`);
  return parsed.query;
};
const codeOf = (message: Uint8Array): number => (message[3] ?? 0) & 0xf;
const isTruncated = (message: Uint8Array): boolean => ((message[2] ?? 0) & 2) !== 0;
const addressList = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `10.32.${index >> 8}.${index & 255}`);
const answerTo = (message: Uint8Array, answer: PreparedAnswer, turn = 0): Buffer => {
  const asked = query(parseQuery(message));
  return Buffer.from(encodeAnswer(message, asked, answer, asked.maxAnswerBytes, turn));
};
const dataOf = (message: Uint8Array): readonly string[] =>
  (decode(Buffer.from(message)).answers ?? []).map((answer) =>
    answer.type === 'A' || answer.type === 'AAAA' || answer.type === 'PTR' ? answer.data : `? ${answer.type}`,
  );

test('a question is read with its key in lower case, its type, its class and its id', (t) => {
  const { id, key, type, internet, maxAnswerBytes, sizeOffset } = query(parseQuery(question('Web.Shop', 'AAAA')));
  t.deepEqual(
    { id, key, type, internet, maxAnswerBytes, sizeOffset },
    { id: 4711, key: '\x03web\x04shop', type: recordTypes.aaaa, internet: true, maxAnswerBytes: 512, sizeOffset: undefined },
  );
});

test('the size of an answer is what EDNS says, within what no path cuts', (t) => {
  const size = (bytes: number) => query(parseQuery(question('web', 'A', bytes))).maxAnswerBytes;
  t.deepEqual([size(100), size(1000), size(1232), size(65_000)], [512, 1000, 1232, 1232]);
});

test('whatever comes in, reading and answering it does not throw', (t) => {
  const read = (bytes: Uint8Array): boolean => {
    const parsed = parseQuery(bytes);
    if (parsed.kind === 'query') return encodeAnswer(bytes, parsed.query, addressAnswer(addressList(3)), 512, 1).length >= 12;
    return parsed.kind === 'ignored' || encodeBadQuery(bytes, parsed.code).length === 12;
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), read));
  const whole = question('web.shop', 'A', 1232);
  fc.assert(
    fc.property(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 }), fc.nat({ max: whole.length }), (at, value, length) => {
      const damaged = Uint8Array.from(whole.subarray(0, length));
      damaged[at] = value;
      return read(damaged);
    }),
  );
  t.pass();
});

test('what another implementation writes is read as it was meant, and our answers are read by it', (t) => {
  const label = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/);
  fc.assert(
    fc.property(
      fc.array(label, { minLength: 1, maxLength: 5 }),
      fc.uniqueArray(fc.ipV4(), { maxLength: 25 }),
      fc.nat(),
      (labels, list, turn) => {
        const name = labels.join('.');
        const message = question(name, 'A', 1232);
        const reply = answerTo(message, addressAnswer(list), turn);
        const packet = decode(reply);
        const asIs = packet.questions?.[0]?.name === name && (packet.answers ?? []).every((answer) => answer.name === name);
        return asIs && packet.additionals?.[0]?.type === 'OPT' && dataOf(reply).toSorted().join() === list.toSorted().join();
      },
    ),
  );
  t.pass();
});

test('compression in a question is refused, loops of it too, and pointers elsewhere are stepped over', (t) => {
  const header = [0, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  const bad = { kind: 'bad', id: 9, code: responseCodes.formatError } as const;
  t.deepEqual(parseQuery(Uint8Array.from([...header, 0xc0, 12, 0, 1, 0, 1])), bad);
  t.deepEqual(parseQuery(Uint8Array.from([...header, 1, 0x61, 0xc0, 12, 0, 1, 0, 1])), bad);
  t.deepEqual(parseQuery(Uint8Array.from([...header, 0x41, 0x61, 0, 0, 1, 0, 1])), bad);
  const withAdditional = [0, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0x61, 0, 0, 1, 0, 1];
  const record = [0, 16, 0, 1, 0, 0, 0, 0, 0, 0];
  t.is(parseQuery(Uint8Array.from([...withAdditional, 0xc0, 19, ...record])).kind, 'query', 'a name that points at itself');
  t.is(parseQuery(Uint8Array.from([...withAdditional, 0xc0, 19, ...record.slice(0, 9)])).kind, 'bad', 'a record that ends early');
});

test('two statements of EDNS are no question, and an unknown version is told so', (t) => {
  const opt = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: 1232,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  } as const;
  const twice = encode({
    type: 'query',
    id: 1,
    questions: [{ name: 'web', type: 'A' }],
    additionals: [
      { ...opt, options: [] },
      { ...opt, options: [] },
    ],
  });
  t.is(parseQuery(twice).kind, 'bad');
  const message = question('web', 'A', 1232, 1);
  const asked = query(parseQuery(message));
  t.true(asked.badVersion);
  const [told] = decode(Buffer.from(encodeFailure(message, asked, responseCodes.noError))).additionals ?? [];
  t.is(told?.type === 'OPT' ? told.extendedRcode : undefined, 1, 'BADVERS');
});

test('responses are ignored, other operations and damaged questions are told so', (t) => {
  const header = (flags: number, questions: number) => Uint8Array.from([0x12, 0x34, flags, 0, 0, questions, 0, 0, 0, 0, 0, 0]);
  t.deepEqual(parseQuery(header(0x80, 1)), { kind: 'ignored' });
  t.deepEqual(parseQuery(Uint8Array.of(1, 2, 3)), { kind: 'ignored' });
  t.deepEqual(parseQuery(header(0x20, 1)), { kind: 'bad', id: 0x1234, code: responseCodes.notImplemented });
  t.deepEqual(parseQuery(header(0, 2)), { kind: 'bad', id: 0x1234, code: responseCodes.formatError });
  t.deepEqual(parseQuery(header(0, 1)), { kind: 'bad', id: 0x1234, code: responseCodes.formatError });
  const told = encodeBadQuery(header(1, 2), responseCodes.formatError);
  t.deepEqual([...told], [0x12, 0x34, 0x81, 0x81, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test('an answer repeats the question letter by letter and carries each address for one second', (t) => {
  const reply = answerTo(question('wEb'), addressAnswer(['10.32.1.3', '10.32.1.4']));
  const packet = decode(reply);
  t.is(packet.id, 4711);
  t.deepEqual([packet.flag_aa, packet.flag_ra, packet.flag_rd, packet.flag_tc], [true, true, true, false]);
  t.deepEqual(
    packet.questions?.map(({ name, type }) => ({ name, type })),
    [{ name: 'wEb', type: 'A' }],
  );
  t.deepEqual(
    packet.answers?.map((answer) => (answer.type === 'A' ? [answer.name, answer.ttl, answer.data] : [])),
    [
      ['wEb', 1, '10.32.1.3'],
      ['wEb', 1, '10.32.1.4'],
    ],
  );
});

test('both families and names of addresses are carried', (t) => {
  t.deepEqual(dataOf(answerTo(question('web', 'AAAA'), addressAnswer(['fd00:1::9']))), ['fd00:1::9']);
  t.deepEqual(dataOf(answerTo(question('3.1.32.10.in-addr.arpa', 'PTR'), pointerAnswer('Web-1.shop'))), ['Web-1.shop']);
  t.is(pointerAnswer('a..b').count, 0);
  t.is(addressAnswer(['nonsense', '']).count, 0);
});

test('failures have their code, no records, and do not claim to be ours', (t) => {
  const message = question('web', 'A', 1232);
  for (const code of [responseCodes.refused, responseCodes.serverFailure, responseCodes.noSuchName]) {
    const reply = encodeFailure(message, query(parseQuery(message)), code);
    t.is(codeOf(reply), code);
    t.is(decode(Buffer.from(reply)).flag_aa, false);
  }
});

test('an answer by UDP never exceeds what was asked for, and says when it was cut; by TCP there is room for thousands', (t) => {
  fc.assert(
    fc.property(fc.nat({ max: 300 }), fc.integer({ min: 512, max: 1400 }), fc.nat(), (count, size, turn) => {
      const message = question('service.of.a.long.name', 'A', size);
      const reply = answerTo(message, addressAnswer(addressList(count)), turn);
      const limit = Math.min(size, 1232);
      const fitting = Math.min(count, Math.floor((limit - 12 - 28 - 11) / 16));
      return reply.length <= limit && isTruncated(reply) === fitting < count && dataOf(reply).length === fitting;
    }),
  );
  const message = question('web');
  const whole = encodeAnswer(message, query(parseQuery(message)), addressAnswer(addressList(200)), maxTcpBytes, 77);
  t.deepEqual([isTruncated(whole), new Set(dataOf(whole)).size], [false, 200]);
  t.is(dataOf(encodeAnswer(message, query(parseQuery(message)), addressAnswer(addressList(5_000)), maxTcpBytes, 0)).length, 4_094);
});

test('each of n addresses comes first once in n turns, and every cut answer has others', (t) => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.ipV4(), { minLength: 1, maxLength: 12 }), fc.nat({ max: 1_000 }), (list, start) => {
      const firsts = list.map((_, step) => dataOf(answerTo(question('web'), addressAnswer(list), start + step))[0]);
      return new Set(firsts).size === list.length;
    }),
  );
  const seen = new Set<string>();
  for (let turn = 0; turn < 200; turn += 20)
    for (const one of dataOf(answerTo(question('web'), addressAnswer(addressList(200)), turn))) seen.add(one);
  t.is(seen.size, 200);
});
