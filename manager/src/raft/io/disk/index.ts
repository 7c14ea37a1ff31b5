/** The room's door: the durable side of a member. */

export { FileDisk } from './file-disk.ts';
export type { Files, OpenFile, OpenMode } from './files.ts';
export { type Bootstrap, createLog, type DiskOptions, type DiskPorts, defaultDiskOptions, logExists, openLog } from './open-log.ts';
export { relockLog } from './relock-log.ts';
