import { existsSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Device, TsoError } from '@tso/proto';
import type { BlockDevice } from './block-io.ts';
import type { OciDevice } from './oci-spec.ts';

export interface GrantedDevice {
  readonly device: OciDevice;
  readonly access: string;
}

/** Made by the runtime for every container, or mounted there by us. */
const ownOfContainers = new Set([
  'null',
  'zero',
  'full',
  'random',
  'urandom',
  'tty',
  'console',
  'ptmx',
  'pts',
  'shm',
  'mqueue',
  'fd',
  'stdin',
  'stdout',
  'stderr',
  'core',
  'init',
]);

/** Major and minor of a device number (Linux' 12 and 20 bits, sysmacros.h). */
const numbersOf = (rdev: number): { readonly major: number; readonly minor: number } => ({
  major: (rdev >>> 8) & 0xfff,
  minor: (rdev & 0xff) | ((rdev >>> 12) & 0xfff00),
});

const deviceAt = (stat: Stats, path: string): OciDevice | undefined => {
  const type = stat.isCharacterDevice() ? 'c' : stat.isBlockDevice() ? 'b' : undefined;
  return type === undefined
    ? undefined
    : { path, type, ...numbersOf(stat.rdev), fileMode: stat.mode & 0o777, uid: stat.uid, gid: stat.gid };
};

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOENT', 'ENXIO', 'ENOTDIR'].includes(String(error.code));

const statIfThere = (path: string): Stats | undefined => {
  try {
    return statSync(path);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
};

/** The nodes of a folder under their names below `target`. */
const devicesBelow = (source: string, target: string, skip: ReadonlySet<string>): readonly OciDevice[] =>
  readdirSync(source).flatMap((name) => {
    if (skip.has(name)) return [];
    const path = join(source, name);
    const stat = statIfThere(path);
    if (stat === undefined) return [];
    if (stat.isDirectory()) return devicesBelow(path, join(target, name), new Set());
    return deviceAt(stat, join(target, name)) ?? [];
  });

/** What the kernel says of a queue's schedulers: `none [mq-deadline] bfq`. */
const isBfq = (queue: string): boolean => {
  try {
    return readFileSync(join(queue, 'scheduler'), 'utf8').includes('[bfq]');
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
};

/** Whether any disk of this host has the scheduler BFQ. */
export const anyDiskHasBfq = (): boolean => readdirSync('/sys/block').some((name) => isBfq(join('/sys/block', name, 'queue')));

const isPartition = ({ major, minor }: Pick<BlockDevice, 'major' | 'minor'>): boolean =>
  existsSync(`/sys/dev/block/${major}:${minor}/partition`);

/**
 * Numbers of block devices, by path. FAILED_PRECONDITION: not there, not a block device, or a part of one, which the kernel neither limits nor weighs.
 */
export const blockDevices = (paths: readonly string[]): ReadonlyMap<string, BlockDevice> =>
  new Map(
    paths.map((path) => {
      const stat = statIfThere(path);
      const device = stat?.isBlockDevice() === true ? numbersOf(stat.rdev) : undefined;
      if (device !== undefined && !isPartition(device))
        return [path, { ...device, weighted: isBfq(`/sys/dev/block/${device.major}:${device.minor}/queue`) }];
      const why =
        stat === undefined
          ? 'does not exist on this host'
          : device === undefined
            ? 'is not a block device'
            : 'is a partition; limits and weights are for whole disks';
      throw new TsoError('FAILED_PRECONDITION', `blkio_config: ${path} ${why}`, { hint: 'lsblk lists the disks of a host' });
    }),
  );

/** The device nodes a spec asks for; a folder means those in it. FAILED_PRECONDITION: not there, or not a device. */
export const grantedDevices = (devices: readonly Device[], privileged: boolean): readonly GrantedDevice[] => {
  const asked = devices.flatMap(({ source, target, permissions }) => {
    const access = permissions === '' ? 'rwm' : permissions;
    const stat = statIfThere(source);
    const path = target === '' ? source : target;
    const found =
      stat === undefined ? [] : stat.isDirectory() ? devicesBelow(source, path, new Set()) : [deviceAt(stat, path) ?? []].flat();
    if (found.length > 0) return found.map((device) => ({ device, access }));
    const why = stat === undefined ? 'does not exist on this host' : 'is not a device';
    throw new TsoError('FAILED_PRECONDITION', `device ${source} ${why}`, {
      hint: 'Correct devices: of the service, or load the driver that makes it',
    });
  });
  const taken = new Set(asked.map(({ device }) => device.path));
  const host = privileged ? devicesBelow('/dev', '/dev', ownOfContainers).filter((device) => !taken.has(device.path)) : [];
  return [...asked, ...host.map((device) => ({ device, access: 'rwm' }))];
};
