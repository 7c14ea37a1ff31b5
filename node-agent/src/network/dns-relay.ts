import { type DnsQuery, maxUdpBytes, responseCodes } from './dns-message.ts';

/** What a question and its answer look like on their way to another resolver and back. */

const headerBytes = 12;
const truncatedBit = 0x02;
const responseBit = 0x80;

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const messageId = (bytes: Uint8Array): number => bufferOf(bytes).readUInt16BE(0);

/** The question for another resolver: an id that nobody can guess, and no larger datagrams than we hand on. */
export const outgoing = (message: Uint8Array, query: DnsQuery, id: number): Uint8Array => {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(id, 0);
  if (query.sizeOffset !== undefined)
    copy.writeUInt16BE(Math.min(Math.max(copy.readUInt16BE(query.sizeOffset), 512), maxUdpBytes), query.sizeOffset);
  return copy;
};

/** The answer for whoever asked: the id and the letters of the question as they were. */
export const incoming = (answer: Uint8Array, message: Uint8Array, query: DnsQuery): Uint8Array => {
  const copy = Buffer.from(answer);
  copy.writeUInt16BE(query.id, 0);
  if (copy.readUInt16BE(4) > 0) copy.set(message.subarray(headerBytes, query.questionEnd), headerBytes);
  return copy;
};

export const isTruncated = (bytes: Uint8Array): boolean => ((bytes[2] ?? 0) & truncatedBit) !== 0;

/** Whether a resolver's answer settles the question; SERVFAIL, NOTIMP and REFUSED say that another should be asked. */
export const isSettled = (bytes: Uint8Array): boolean => {
  const code = (bytes[3] ?? 0) & 0xf;
  return code === responseCodes.noError || code === responseCodes.noSuchName;
};

/** Letters differ by this bit; the lengths of labels and the numbers after the name are compared as they are. */
const sameLetter = (a: number, b: number): boolean => a === b || ((a | 0x20) === (b | 0x20) && (a | 0x20) >= 0x61 && (a | 0x20) <= 0x7a);

/**
 * Whether this answers that question of ours: its id, the response bit and the question itself, in whatever case. Only a failure may leave the
 * question out (a server that could not read it).
 */
export const answersQuery = (answer: Uint8Array, sent: Uint8Array, questionEnd: number): boolean => {
  if (answer.length < headerBytes || ((answer[2] ?? 0) & responseBit) === 0 || messageId(answer) !== messageId(sent)) return false;
  const questions = bufferOf(answer).readUInt16BE(4);
  if (questions === 0) return !isSettled(answer);
  if (questions !== 1 || answer.length < questionEnd) return false;
  // The type and class behind the name have no case: four bytes that could be taken for letters.
  for (let at = headerBytes; at < questionEnd; at += 1) {
    const [a = 0, b = 0] = [answer[at], sent[at]];
    if (at < questionEnd - 4 ? !sameLetter(a, b) : a !== b) return false;
  }
  return true;
};
