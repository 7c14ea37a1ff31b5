/** The room's door: what the store's replication uses of it. */
export type { CommandPlace } from './command-queue.ts';
export * from './disk/index.ts';
export * from './driver.ts';
export * from './driver-options.ts';
export type { DriverEvents } from './events.ts';
export * from './outcome.ts';
export * from './ports.ts';
export type { CommandResult } from './requests.ts';
export * from './transport/index.ts';
