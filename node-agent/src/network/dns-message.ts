import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type OptAnswer,
  type Packet,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
} from 'dns-packet';
import { type DnsAnswer, type DnsQuestion, ownTtlSeconds } from './dns-records.ts';

/** Response codes we give (RFC 1035, 4.1.1). */
export const responseCodes = { noError: 0, formatError: 1, serverFailure: 2, noSuchName: 3, notImplemented: 4, refused: 5 } as const;
export type ResponseCode = (typeof responseCodes)[keyof typeof responseCodes];

export interface DnsQuery {
  readonly id: number;
  readonly recursionDesired: boolean;
  readonly question: DnsQuestion & { readonly class: string };
  /** Bytes that a UDP answer may have: 512, or what the client's EDNS record says (RFC 6891, 6.2.3), within our limit. */
  readonly maxAnswerBytes: number;
  readonly edns: boolean;
}

export type ParsedQuery =
  | { readonly kind: 'query'; readonly query: DnsQuery }
  /** Answered with this code and the id of the message. */
  | { readonly kind: 'bad'; readonly id: number; readonly code: ResponseCode }
  /** A response or too short to have an id: never answered. */
  | { readonly kind: 'ignored' };

const headerBytes = 12;
const plainUdpBytes = 512;
/** What we send over UDP at most; the MTU of the overlay carries it whole. */
const maxUdpBytes = 1400;
const ownUdpPayloadBytes = 1232;

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const isOpt = (answer: Answer): answer is OptAnswer => answer.type === 'OPT';

const udpLimit = (opt: OptAnswer | undefined): number =>
  opt === undefined ? plainUdpBytes : Math.min(Math.max(opt.udpPayloadSize, plainUdpBytes), maxUdpBytes);

/** Reads what a client sent. Never throws. */
export const parseQuery = (bytes: Uint8Array): ParsedQuery => {
  if (bytes.length < headerBytes) return { kind: 'ignored' };
  const buffer = bufferOf(bytes);
  const id = buffer.readUInt16BE(0);
  const flags = buffer.readUInt16BE(2);
  if ((flags & 0x8000) !== 0) return { kind: 'ignored' };
  if (((flags >> 11) & 0xf) !== 0) return { kind: 'bad', id, code: responseCodes.notImplemented };
  if (buffer.readUInt16BE(4) !== 1) return { kind: 'bad', id, code: responseCodes.formatError };
  try {
    const packet = decode(buffer);
    const question = packet.questions?.[0];
    if (question === undefined) return { kind: 'bad', id, code: responseCodes.formatError };
    const opt = packet.additionals?.find(isOpt);
    return {
      kind: 'query',
      query: {
        id,
        recursionDesired: (flags & RECURSION_DESIRED) !== 0,
        question: { name: question.name, type: question.type, class: question.class ?? 'IN' },
        maxAnswerBytes: udpLimit(opt),
        edns: opt !== undefined,
      },
    };
  } catch {
    // dns-packet throws on whatever it cannot read: the client gets FORMERR.
    return { kind: 'bad', id, code: responseCodes.formatError };
  }
};

/** dns-packet's types leave out the fields of OPT that it fills in itself. */
const optRecord: OptAnswer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: ownUdpPayloadBytes,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

const response = (query: DnsQuery, code: ResponseCode, answers: readonly Answer[], extraFlags = 0): Uint8Array => {
  const { name, type } = query.question;
  const packet: Packet = {
    type: 'response',
    id: query.id,
    flags: code | RECURSION_AVAILABLE | (query.recursionDesired ? RECURSION_DESIRED : 0) | extraFlags,
    // The decoder gives the type as text, also of one without a name (UNKNOWN_65); the encoder reads it back.
    questions: [{ name, type: type as 'A', class: query.question.class as 'IN' }],
    answers: [...answers],
    additionals: query.edns ? [optRecord] : [],
  };
  return encode(packet);
};

const recordsOf = (query: DnsQuery, answer: DnsAnswer): readonly Answer[] => {
  const head = { name: query.question.name, class: 'IN', ttl: ownTtlSeconds } as const;
  if (answer.kind === 'addresses') return answer.addresses.map((data) => ({ ...head, type: 'A' as const, data }));
  if (answer.kind === 'pointer') return [{ ...head, type: 'PTR', data: answer.name }];
  return [];
};

/** The answer to a name of ours, whole. */
export const encodeAnswer = (query: DnsQuery, answer: DnsAnswer): Uint8Array =>
  response(
    query,
    answer.kind === 'no-such-name' ? responseCodes.noSuchName : responseCodes.noError,
    recordsOf(query, answer),
    AUTHORITATIVE_ANSWER,
  );

/** The same for UDP: as many records as fit, and the sign to ask again by TCP when not all do (RFC 2181, 9). */
export const encodeUdpAnswer = (query: DnsQuery, answer: DnsAnswer): Uint8Array => {
  const whole = encodeAnswer(query, answer);
  if (whole.length <= query.maxAnswerBytes) return whole;
  const records = recordsOf(query, answer);
  const empty = response(query, responseCodes.noError, [], AUTHORITATIVE_ANSWER | TRUNCATED_RESPONSE);
  const bytesEach = records.length === 0 ? 1 : (whole.length - empty.length) / records.length;
  const fitting = Math.max(0, Math.floor((query.maxAnswerBytes - empty.length) / bytesEach));
  return response(query, responseCodes.noError, records.slice(0, fitting), AUTHORITATIVE_ANSWER | TRUNCATED_RESPONSE);
};

/** An answer without records: refused, failed. */
export const encodeFailure = (query: DnsQuery, code: ResponseCode): Uint8Array => response(query, code, []);

/** An answer to a message that could not be read. */
export const encodeBadQuery = (id: number, code: ResponseCode): Uint8Array =>
  encode({ type: 'response', id, flags: code | RECURSION_AVAILABLE, questions: [], answers: [] });

export const messageId = (bytes: Uint8Array): number => bufferOf(bytes).readUInt16BE(0);

/** A copy with another id. */
export const withMessageId = (bytes: Uint8Array, id: number): Uint8Array => {
  const copy = Buffer.from(bytes);
  copy.writeUInt16BE(id, 0);
  return copy;
};

export const isTruncated = (bytes: Uint8Array): boolean => (bufferOf(bytes).readUInt16BE(2) & TRUNCATED_RESPONSE) !== 0;

/** Whether a resolver's answer settles the question; SERVFAIL, NOTIMP and REFUSED say that another should be asked. */
export const isSettled = (bytes: Uint8Array): boolean => {
  const code = bufferOf(bytes).readUInt16BE(2) & 0xf;
  return code === responseCodes.noError || code === responseCodes.noSuchName;
};

/** Whether this answers the query with that id: its id, the response bit, and the same question section when it has one. */
export const answersQuery = (answer: Uint8Array, query: Uint8Array): boolean => {
  if (answer.length < headerBytes) return false;
  const reply = bufferOf(answer);
  const asked = bufferOf(query);
  if (reply.readUInt16BE(0) !== asked.readUInt16BE(0) || (reply.readUInt16BE(2) & 0x8000) === 0) return false;
  if (reply.readUInt16BE(4) === 0) return true;
  const end = questionEnd(asked);
  return reply.subarray(headerBytes, end).equals(asked.subarray(headerBytes, end));
};

/** Where the first question ends; questions of a query are not compressed. */
const questionEnd = (query: Buffer): number => {
  let offset = headerBytes;
  while (offset < query.length && query[offset] !== 0) offset += (query[offset] ?? 0) + 1;
  return Math.min(offset + 5, query.length);
};

/** With the two bytes of length that TCP puts before a message (RFC 1035, 4.2.2). */
export const framed = (message: Uint8Array): Uint8Array => {
  const frame = Buffer.alloc(message.length + 2);
  frame.writeUInt16BE(message.length, 0);
  frame.set(message, 2);
  return frame;
};

/** Cuts a TCP stream into messages; keeps what is not whole yet. */
export class MessageReader {
  #rest: Uint8Array = new Uint8Array();

  push(chunk: Uint8Array): readonly Uint8Array[] {
    let buffer = Buffer.concat([this.#rest, chunk]);
    const messages: Uint8Array[] = [];
    while (buffer.length >= 2 && buffer.length >= buffer.readUInt16BE(0) + 2) {
      const end = buffer.readUInt16BE(0) + 2;
      messages.push(buffer.subarray(2, end));
      buffer = buffer.subarray(end);
    }
    this.#rest = buffer;
    return messages;
  }
}
