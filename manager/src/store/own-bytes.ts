import type { Config, Request } from '@tso/proto';

/**
 * The same configuration with bytes of its own. Those of a decoded message are a window on the buffer it came in: kept, they would
 * keep megabytes of log alive for a few bytes, and change when the buffer is used again.
 */
export const ownConfigBytes = (config: Config): Config => ({ ...config, data: new Uint8Array(config.data) });

/** As above, for what a request was answered with. */
export const ownRequestBytes = (request: Request): Request => ({ ...request, reply: new Uint8Array(request.reply) });
