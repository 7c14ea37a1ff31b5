export * from './digests.ts';
export * from './identity-store.ts';
export * from './request.ts';
