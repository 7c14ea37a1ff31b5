/** Bytes that secrets and configs may hold: one, and all that a stack brings along, which is one message. Who makes them asks first, the managers check. */
export const fileBounds = { secretBytes: 500 * 1024, configBytes: 1024 * 1024, togetherBytes: 8 * 1024 * 1024 } as const;
