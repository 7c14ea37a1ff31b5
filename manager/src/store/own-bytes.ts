import type { Request } from '@tso/proto';

/**
 * The same configuration, secret or version of either, with bytes of its own. Those of a decoded message are a window on the buffer it came in: kept, they would
 * keep megabytes of log alive for a few bytes, and change when the buffer is used again.
 */
export const ownDataBytes = <T extends { readonly data: Uint8Array }>(object: T): T => ({ ...object, data: new Uint8Array(object.data) });

/** As above, for what a request was answered with. */
export const ownRequestBytes = (request: Request): Request => ({ ...request, reply: new Uint8Array(request.reply) });
