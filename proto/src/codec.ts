import type protobuf from 'protobufjs';
import $protobuf from 'protobufjs/minimal.js';
import { TsoError } from './errors.ts';
import { tso } from './gen/codec.js';
import { messageFields } from './gen/message-fields.ts';
import type { Messages } from './gen/types.ts';

// Sizes and instants stay below 2^53; plain numbers keep them comparable and JSON-safe.
($protobuf.util as { Long: unknown }).Long = null;
$protobuf.configure();

// A 64-bit number beyond that is not rounded in silence: decoding it fails.
const longBits = $protobuf.util.LongBits.prototype;
const roundedNumber = longBits.toNumber;
longBits.toNumber = function (this: protobuf.util.LongBits, unsigned?: boolean): number {
  const value = roundedNumber.call(this, unsigned);
  if (!Number.isSafeInteger(value)) throw new RangeError(`the number ${value} is beyond 2^53`);
  return value;
};

const objectOptions = { defaults: true, arrays: true, objects: true };

const requirePresence = (type: keyof Messages, message: Record<string, unknown>, path: string): void => {
  for (const [name, fieldType, presence] of messageFields[type]) {
    const value = message[name];
    const at = `${path}.${name}`;
    if (presence === 'list') {
      for (const [index, item] of (value as Record<string, unknown>[]).entries()) requirePresence(fieldType, item, `${at}[${index}]`);
    } else if (presence === 'map') {
      for (const [key, item] of Object.entries(value as object)) requirePresence(fieldType, item, `${at}.${key}`);
    } else if (value !== null && value !== undefined) {
      requirePresence(fieldType, value as Record<string, unknown>, at);
    } else if (presence === 'present') {
      throw new TsoError('INVALID_ARGUMENT', `${at} is missing from the message`);
    }
  }
};

const messageType = (type: keyof Messages) => {
  const found = tso.v1[type];
  if (found === undefined) throw new TsoError('INTERNAL', `no message type ${type}`);
  return found;
};

/** A writer that has grown beyond this is not kept. */
const keptBytes = 4 * 1024 * 1024;

let kept: protobuf.Writer | undefined;

/**
 * The message on the wire (protocol buffers, proto3), in memory of its own. One writer serves all: a new one would grow anew with every
 * message, and the buffers it leaves behind cost more than the encoding (64 entries of 1 KiB: 31 us instead of 174).
 */
export const encode = <T extends keyof Messages>(type: T, message: Messages[T]): Uint8Array => {
  const codec = messageType(type);
  const writer = kept ?? $protobuf.Writer.create();
  // Whoever throws in the middle leaves a writer that is not at its beginning.
  kept = undefined;
  const bytes = codec.encode(message, writer).finish();
  if (bytes.length <= keptBytes) kept = writer.reset();
  return bytes;
};

/** The message as plain data with every default filled in. INVALID_ARGUMENT: not that message, or a required part is missing. */
export const decode = <T extends keyof Messages>(type: T, bytes: Uint8Array): Messages[T] => {
  const codec = messageType(type);
  let plain: object;
  try {
    plain = codec.toObject(codec.decode(bytes), objectOptions) as object;
  } catch (error) {
    throw new TsoError('INVALID_ARGUMENT', `these bytes are not a ${type} message: ${String(error)}`, { cause: error });
  }
  requirePresence(type, plain as Record<string, unknown>, type);
  return plain as Messages[T];
};
