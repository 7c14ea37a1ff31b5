import { headerNames, TsoError } from '@tso/proto';

/** What the door says of a call; a `CallContext` is one. */
export interface CalledBy {
  readonly peer: string;
  readonly roles: readonly string[];
  readonly identity: { readonly nodeId: string; readonly role: string } | undefined;
  header(name: string): string | undefined;
}

/** Who asked for something, and from where: for the audit log, and for the manager that a call is passed on to. */
export interface Caller {
  /** The name in the certificate, or the user as the caller on the socket said it. */
  readonly actor: string;
  readonly role: string;
  /** Address, or `socket`. */
  readonly source: string;
  /** Idempotency key; empty: none. */
  readonly requestId: string;
}

/** What a caller says of itself is kept to be read by people: nothing that a terminal or a log would take for more than text. */
const longestName = 256;
const readable = (text: string): string =>
  [...text.slice(0, longestName)].map((letter) => (letter < ' ' || (letter >= '\x7f' && letter < '\xa0') ? '?' : letter)).join('');

const fromSocket = (call: CalledBy): Caller => ({
  // Only root and the group tso can open the socket; who they are, or work for, is what the caller says.
  actor: readable(call.header(headerNames.actor) ?? '') || 'root',
  role: 'client',
  source: 'socket',
  requestId: call.header(headerNames.idempotencyKey) ?? '',
});

const malformed = (cause?: unknown): TsoError =>
  new TsoError('INVALID_ARGUMENT', `the header ${headerNames.forwarded} does not say who asked`, cause === undefined ? {} : { cause });

const parsed = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw malformed(error);
  }
  throw malformed();
};

const fromForwarded = (text: string): Caller => {
  const { actor, role, source, requestId } = parsed(text);
  if (typeof actor !== 'string' || typeof role !== 'string' || typeof source !== 'string' || typeof requestId !== 'string')
    throw malformed();
  return { actor: readable(actor), role: readable(role), source: readable(source), requestId };
};

/** Whether another manager passed the call on. What anybody else says about that is not believed. */
export const isPassedOn = (call: CalledBy): boolean => call.roles.includes('manager') && call.header(headerNames.forwarded) !== undefined;

/**
 * Who asked, in the first place when the call was passed on. PERMISSION_DENIED: a manager's certificate without a word of whom it asks
 * for, where only operators may. INVALID_ARGUMENT: that word cannot be read.
 */
export const callerOf = (call: CalledBy): Caller => {
  const { roles, identity, peer } = call;
  const forwarded = roles.includes('manager') ? call.header(headerNames.forwarded) : undefined;
  if (forwarded !== undefined) return fromForwarded(forwarded);
  if (identity === undefined && roles.includes('client')) return fromSocket(call);
  return {
    actor: identity?.nodeId ?? peer,
    role: identity?.role ?? roles[0] ?? '',
    source: identity === undefined ? 'socket' : peer,
    requestId: call.header(headerNames.idempotencyKey) ?? '',
  };
};

/** Refuses (PERMISSION_DENIED) who may call in an operator's name only, and does not: a manager's certificate is not an operator's. */
export const checkAsksForSomebody = (call: CalledBy): void => {
  if (call.roles.includes('client') || isPassedOn(call)) return;
  throw new TsoError('PERMISSION_DENIED', 'a manager may pass this call on for somebody, not make it by itself');
};

/** What goes beside a call that is passed on: it is said whom for, and the trace goes on. */
export const passedOnHeaders = (call: CalledBy): Readonly<Record<string, string>> => {
  const trace = call.header(headerNames.traceparent);
  return { [headerNames.forwarded]: JSON.stringify(callerOf(call)), ...(trace === undefined ? {} : { [headerNames.traceparent]: trace }) };
};
