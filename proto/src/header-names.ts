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
