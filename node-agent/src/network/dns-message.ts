import { parseIpv4, parseIpv6 } from '@tso/proto';
import { type NameKey, wireName } from './dns-name.ts';

/** Response codes we give (RFC 1035, 4.1.1). */
export const responseCodes = { noError: 0, formatError: 1, serverFailure: 2, noSuchName: 3, notImplemented: 4, refused: 5 } as const;
export type ResponseCode = (typeof responseCodes)[keyof typeof responseCodes];

/** Types of records that we know more of than their number (RFC 1035, 3.2.2; RFC 3596, 2.1). */
export const recordTypes = { a: 1, ptr: 12, aaaa: 28, any: 255 } as const;

/** What a client asks, and where in its message the parts stand that an answer repeats. */
export interface DnsQuery {
  readonly id: number;
  readonly key: NameKey;
  readonly type: number;
  /** The class IN, or any. */
  readonly internet: boolean;
  /** Where the question ends in the message; it begins after the header. */
  readonly questionEnd: number;
  /** Where EDNS states the size of datagrams that the client takes (RFC 6891, 6.1.2); undefined without EDNS. */
  readonly sizeOffset: number | undefined;
  /** Bytes that a UDP answer may have: 512, or what EDNS says, within our limit. */
  readonly maxAnswerBytes: number;
  /** A version of EDNS that we do not speak. */
  readonly badVersion: boolean;
}

export type ParsedQuery =
  | { readonly kind: 'query'; readonly query: DnsQuery }
  /** Answered with this code and the id of the message. */
  | { readonly kind: 'bad'; readonly id: number; readonly code: ResponseCode }
  /** A response or too short to have an id: never answered. */
  | { readonly kind: 'ignored' };

/** Records of one answer, prepared: each begins with a pointer to the question's name. */
export interface PreparedAnswer {
  readonly code: ResponseCode;
  readonly records: Uint8Array;
  readonly count: number;
  /** All are of the same size; 0 without any. */
  readonly recordBytes: number;
}

/** TTL of our names: a record is right everywhere within a moment of a change. */
export const ownTtlSeconds = 1;

/**
 * What a datagram of ours carries at most, and what we let others send us: it passes every path that IPv6 passes without being cut (1280 bytes
 * less two headers), and so every overlay, a tunnel in a tunnel too.
 */
export const maxUdpBytes = 1232;
const plainUdpBytes = 512;
/** The length before a message on TCP has two bytes (RFC 1035, 4.2.2). */
export const maxTcpBytes = 65_535;
const headerBytes = 12;
const optBytes = 11;
const optType = 41;
const responseFlag = 0x80;
const authoritativeFlag = 0x04;
const truncatedFlag = 0x02;
const recursionDesiredFlag = 0x01;
const recursionAvailableFlag = 0x80;
/** BADVERS is 16: the upper eight of its bits stand in OPT (RFC 6891, 6.1.3). */
const badVersionUpperBits = 1;

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Where the name that begins here ends; pointers are stepped over, never followed. undefined: it is none, or the message ends within. */
const nameEnd = (message: Buffer, start: number, pointers: boolean): number | undefined => {
  for (let at = start; ; ) {
    const length = message[at];
    if (length === undefined) return undefined;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return pointers && at + 2 <= message.length ? at + 2 : undefined;
    // The two other meanings of the upper bits were given up (RFC 6891, 5).
    if (length > 63 || at - start + length > 253) return undefined;
    at += length + 1;
  }
};

interface Edns {
  readonly sizeOffset: number;
  readonly version: number;
}

/** The OPT record after the question. 'bad': a record that cannot be read, or a second OPT (RFC 6891, 6.1.1). */
const ednsOf = (message: Buffer, start: number): Edns | undefined | 'bad' => {
  let edns: Edns | undefined;
  let at = start;
  for (let left = message.readUInt16BE(10); left > 0; left -= 1) {
    const end = nameEnd(message, at, true);
    if (end === undefined || end + 10 > message.length) return 'bad';
    if (message.readUInt16BE(end) === optType) {
      if (edns !== undefined || end !== at + 1) return 'bad';
      edns = { sizeOffset: end + 2, version: message[end + 5] ?? 0 };
    }
    at = end + 10 + message.readUInt16BE(end + 8);
    if (at > message.length) return 'bad';
  }
  return edns;
};

/** Reads what a client sent. Never throws, never follows a compression pointer. */
export const parseQuery = (bytes: Uint8Array): ParsedQuery => {
  if (bytes.length < headerBytes) return { kind: 'ignored' };
  const message = bufferOf(bytes);
  const id = message.readUInt16BE(0);
  const flags = message[2] ?? 0;
  if ((flags & responseFlag) !== 0) return { kind: 'ignored' };
  if (((flags >> 3) & 0xf) !== 0) return { kind: 'bad', id, code: responseCodes.notImplemented };
  const bad = { kind: 'bad', id, code: responseCodes.formatError } as const;
  // One question, and neither answers nor authorities: counts of 1, 0, 0.
  if (message.readUInt32BE(4) !== 0x1_0000 || message.readUInt16BE(8) !== 0) return bad;
  const end = nameEnd(message, headerBytes, false);
  if (end === undefined || end + 4 > message.length) return bad;
  const edns = ednsOf(message, end + 4);
  if (edns === 'bad') return bad;
  const recordClass = message.readUInt16BE(end + 2);
  const size = edns === undefined ? plainUdpBytes : message.readUInt16BE(edns.sizeOffset);
  return {
    kind: 'query',
    query: {
      id,
      key: message.toString('latin1', headerBytes, end - 1).toLowerCase(),
      type: message.readUInt16BE(end),
      internet: recordClass === 1 || recordClass === 255,
      questionEnd: end + 4,
      sizeOffset: edns?.sizeOffset,
      maxAnswerBytes: Math.min(Math.max(size, plainUdpBytes), maxUdpBytes),
      badVersion: edns !== undefined && edns.version !== 0,
    },
  };
};

const recordOf = (type: number, data: Uint8Array): Buffer => {
  const record = Buffer.alloc(12 + data.length);
  record.writeUInt16BE(0xc000 | headerBytes, 0);
  record.writeUInt16BE(type, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(ownTtlSeconds, 6);
  record.writeUInt16BE(data.length, 10);
  record.set(data, 12);
  return record;
};

const addressData = (address: string): Buffer | undefined => {
  const v4 = parseIpv4(address);
  if (v4 !== undefined) return Buffer.from([v4 >>> 24, v4 >>> 16, v4 >>> 8, v4]);
  const v6 = parseIpv6(address);
  return v6 === undefined ? undefined : Buffer.from(v6.toString(16).padStart(32, '0'), 'hex');
};

/** The name exists and has no record of the type asked for; or with a code, the failure. */
export const emptyAnswer = (code: ResponseCode = responseCodes.noError): PreparedAnswer => ({
  code,
  records: new Uint8Array(),
  count: 0,
  recordBytes: 0,
});

const answerOfRecords = (records: readonly Buffer[]): PreparedAnswer => ({
  code: responseCodes.noError,
  records: Buffer.concat(records),
  count: records.length,
  recordBytes: records[0]?.length ?? 0,
});

/** Addresses of one family, in this order; what is no address is left out. */
export const addressAnswer = (addresses: readonly string[]): PreparedAnswer =>
  answerOfRecords(
    addresses
      .map(addressData)
      .filter((data) => data !== undefined)
      .map((data) => recordOf(data.length === 4 ? recordTypes.a : recordTypes.aaaa, data)),
  );

/** The name of an address; none when no message can carry it. */
export const pointerAnswer = (name: string): PreparedAnswer => {
  const wire = wireName(name);
  return wire === undefined ? emptyAnswer() : answerOfRecords([recordOf(recordTypes.ptr, Buffer.from(`${wire}\0`, 'latin1'))]);
};

const writeHeader = (answer: Buffer, message: Buffer, flags: number, code: ResponseCode, questions: number): void => {
  answer[0] = message[0] ?? 0;
  answer[1] = message[1] ?? 0;
  answer[2] = responseFlag | flags | ((message[2] ?? 0) & recursionDesiredFlag);
  answer[3] = recursionAvailableFlag | code;
  answer.fill(0, 4, headerBytes);
  answer[5] = questions;
};

const writeOpt = (answer: Buffer, at: number, upperCode: number): void => {
  answer.fill(0, at, at + optBytes);
  answer[at + 2] = optType;
  answer.writeUInt16BE(maxUdpBytes, at + 3);
  answer[at + 5] = upperCode;
  answer[11] = 1;
};

/** As many of the records as fit, beginning with the one whose turn it is and going round. */
const copyRecords = (answer: Buffer, at: number, { records, count, recordBytes }: PreparedAnswer, fitting: number, turn: number): void => {
  const first = count === 0 ? 0 : turn % count;
  const tail = Math.min(fitting, count - first) * recordBytes;
  answer.set(records.subarray(first * recordBytes, first * recordBytes + tail), at);
  answer.set(records.subarray(0, fitting * recordBytes - tail), at + tail);
};

/**
 * The message that answers: the question as it was asked, letter by letter, then records. At most `limitBytes`; when not all fit, as many as do and
 * the sign to ask again by TCP (RFC 2181, 9).
 *
 * @param turn a number that grows with each answer: another record comes first
 */
export const encodeAnswer = (
  bytes: Uint8Array,
  query: DnsQuery,
  answer: PreparedAnswer,
  limitBytes: number,
  turn: number,
  ours = true,
): Uint8Array => {
  const message = bufferOf(bytes);
  const fixedBytes = query.questionEnd + (query.sizeOffset === undefined ? 0 : optBytes);
  const fitting =
    answer.recordBytes === 0 ? 0 : Math.min(answer.count, Math.max(0, Math.floor((limitBytes - fixedBytes) / answer.recordBytes)));
  const reply = Buffer.allocUnsafe(fixedBytes + fitting * answer.recordBytes);
  writeHeader(reply, message, (ours ? authoritativeFlag : 0) | (fitting < answer.count ? truncatedFlag : 0), answer.code, 1);
  reply.writeUInt16BE(fitting, 6);
  message.copy(reply, headerBytes, headerBytes, query.questionEnd);
  copyRecords(reply, query.questionEnd, answer, fitting, turn);
  if (query.sizeOffset !== undefined) writeOpt(reply, reply.length - optBytes, query.badVersion ? badVersionUpperBits : 0);
  return reply;
};

/** An answer without records: refused, failed, or (RFC 6891, 6.1.3) a version of EDNS that we do not speak. */
export const encodeFailure = (bytes: Uint8Array, query: DnsQuery, code: ResponseCode): Uint8Array =>
  encodeAnswer(bytes, query, emptyAnswer(code), maxUdpBytes, 0, false);

/** An answer to a message that could not be read. */
export const encodeBadQuery = (bytes: Uint8Array, code: ResponseCode): Uint8Array => {
  const reply = Buffer.alloc(headerBytes);
  writeHeader(reply, bufferOf(bytes), 0, code, 0);
  return reply;
};
