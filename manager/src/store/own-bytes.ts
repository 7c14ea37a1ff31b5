import type { Config } from '@tso/proto';

/**
 * The same configuration with bytes of its own. Those of a decoded message are a window on the buffer it came in: kept, they would
 * keep megabytes of log alive for a few bytes, and change when the buffer is used again.
 */
export const ownBytes = (config: Config): Config => ({ ...config, data: new Uint8Array(config.data) });
