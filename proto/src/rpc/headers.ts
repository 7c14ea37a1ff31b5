import { Metadata } from '@grpc/grpc-js';

/** The headers that our own processes say. */
export const headerNames = {
  /** Made once per wish of a person: a write that carries one that was done before is answered as then, and not done again. */
  idempotencyKey: 'idempotency-key',
  /** The user's name, as a caller on the unix socket says it. */
  actor: 'tso-actor',
  /** JSON {actor, role, source, requestId}, of the caller that a manager passes a call on for. Believed only of a manager. */
  forwarded: 'tso-forwarded',
  /** W3C trace context. */
  traceparent: 'traceparent',
} as const;

/** HTTP/2 takes printable ASCII without white space at the ends; the percent sign is what the rest is written with. */
const beyond = /[^!-$&-~]/gu;

const encodeHeader = (value: string): string => value.replace(beyond, encodeURIComponent);

/** What is no escape of ours comes from another client, and stays as it is. */
const decodeHeader = (value: string): string => {
  try {
    return decodeURIComponent(value);
  } catch (error) {
    if (error instanceof URIError) return value;
    throw error;
  }
};

export const metadataOf = (headers: Readonly<Record<string, string>> | undefined): Metadata => {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers ?? {})) metadata.set(name, encodeHeader(value.toWellFormed()));
  return metadata;
};

/** The first of that name. */
export const headerOf = (metadata: Metadata, name: string): string | undefined => {
  const value = metadata.get(name)[0];
  return value === undefined ? undefined : decodeHeader(value.toString());
};
