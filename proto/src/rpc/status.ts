import { Metadata, type ServiceError, status as Status, type StatusObject } from '@grpc/grpc-js';
import { type ErrorCode, errorCodes, TsoError, toTsoError } from '../errors.ts';

const detailKey = 'tso-error-bin';

const statusOfCode: Readonly<Record<ErrorCode, Status>> = {
  INVALID_ARGUMENT: Status.INVALID_ARGUMENT,
  NOT_FOUND: Status.NOT_FOUND,
  ALREADY_EXISTS: Status.ALREADY_EXISTS,
  CONFLICT: Status.ABORTED,
  FAILED_PRECONDITION: Status.FAILED_PRECONDITION,
  PERMISSION_DENIED: Status.PERMISSION_DENIED,
  UNAUTHENTICATED: Status.UNAUTHENTICATED,
  RESOURCE_EXHAUSTED: Status.RESOURCE_EXHAUSTED,
  UNAVAILABLE: Status.UNAVAILABLE,
  DEADLINE_EXCEEDED: Status.DEADLINE_EXCEEDED,
  CANCELLED: Status.CANCELLED,
  UNIMPLEMENTED: Status.UNIMPLEMENTED,
  DATA_LOSS: Status.DATA_LOSS,
  INTERNAL: Status.INTERNAL,
};

/** Trailers share HTTP/2's header limit (64 KiB with Node.js); base64 and the rest of them need their part. */
const maxTrailerBytes = 24 * 1024;
const maxMessageChars = 4 * 1024;

const jsonOf = (value: unknown): string | undefined => {
  try {
    return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));
  } catch {
    // Circular: the code and the sentence still tell what failed.
    return undefined;
  }
};

/** Code and hint always cross; details only when JSON can say them and they fit. */
const trailerOf = ({ code, hint, details }: TsoError): Buffer => {
  const whole = jsonOf({ code, hint, details });
  const bytes = whole === undefined ? undefined : Buffer.from(whole);
  if (bytes !== undefined && bytes.length <= maxTrailerBytes) return bytes;
  return Buffer.from(JSON.stringify({ code, hint: hint?.slice(0, maxMessageChars), details: { detailsLeftOut: true } }));
};

const bounded = (message: string): string => (message.length <= maxMessageChars ? message : `${message.slice(0, maxMessageChars)}…`);

/** The failure as it crosses the wire: gRPC status, and code, hint and details in a trailer. */
export const toStatus = (thrown: unknown): Partial<StatusObject> => {
  const error = toTsoError(thrown);
  const metadata = new Metadata();
  metadata.set(detailKey, trailerOf(error));
  return { code: statusOfCode[error.code], details: bounded(error.message), metadata };
};

const codeOfStatus = (status: Status): ErrorCode => errorCodes.find((code) => statusOfCode[code] === status) ?? 'INTERNAL';

/** A connection that its other end closed in the middle of a call; grpc-js calls it INTERNAL, unlike one that was reset. */
const endedWithoutWord = (message: string): boolean => message.includes('Call ended without gRPC status');

/** The failure as the other side meant it. */
export const fromStatus = (thrown: unknown): TsoError => {
  if (thrown instanceof TsoError) return thrown;
  const error = thrown as Partial<ServiceError>;
  if (typeof error.code !== 'number') return toTsoError(thrown);
  const message = error.details ?? error.message ?? 'the call failed';
  const trailer = error.metadata?.get(detailKey)[0];
  if (trailer === undefined)
    return new TsoError(endedWithoutWord(message) ? 'UNAVAILABLE' : codeOfStatus(error.code), message, { cause: thrown });
  const { code, hint, details } = JSON.parse(trailer.toString()) as { code: ErrorCode; hint?: string; details: Record<string, unknown> };
  return new TsoError(code, message, { details, cause: thrown, ...(hint === undefined ? {} : { hint }) });
};

/** Whether the other side said so itself; otherwise the failure was made here, and what became of the call there is not known. */
export const saidByPeer = (error: TsoError): boolean =>
  ((error.cause as Partial<ServiceError> | undefined)?.metadata?.get(detailKey).length ?? 0) > 0;

/** Whether there was no connection to put the call on, so that nobody heard of it. */
export const neverSent = (error: TsoError): boolean => !saidByPeer(error) && error.message.startsWith('No connection established');
