import type { Blkio, DeviceRate } from '@tso/proto';
import { TsoError } from '@tso/proto';
import type { OciBlockIo, OciBlockRate } from './oci-spec.ts';

export interface BlockDevice {
  readonly major: number;
  readonly minor: number;
}

export interface BlockIoFacts {
  /** Whether the kernel shares out block I/O by weights. */
  readonly blockWeights: boolean;
  /** By the path that the spec says. */
  readonly blockDevices: ReadonlyMap<string, BlockDevice>;
}

/** Paths of all devices that it names, unique. */
export const blkioDevices = (blkio: Blkio): readonly string[] => [
  ...new Set(
    [blkio.weightDevice, blkio.readBps, blkio.writeBps, blkio.readIops, blkio.writeIops].flatMap((list) => list.map(({ path }) => path)),
  ),
];

const deviceOf = (path: string, facts: BlockIoFacts): BlockDevice => {
  const device = facts.blockDevices.get(path);
  if (device !== undefined) return device;
  throw new TsoError('FAILED_PRECONDITION', `blkio_config: ${path} is not a block device of this host`);
};

const requireWeight = (weight: number, what: string): number => {
  if (weight >= 10 && weight <= 1000) return weight;
  throw new TsoError('INVALID_ARGUMENT', `blkio_config: the weight${what} is ${weight}; it can be from 10 to 1000`);
};

/** What blkio_config asks for and this kernel does not have; undefined: nothing. Weights are shares, not limits: without them everything runs, unshared. */
export const blkioNote = (blkio: Blkio | undefined, facts: Pick<BlockIoFacts, 'blockWeights'>): string | undefined =>
  blkio === undefined || facts.blockWeights || (blkio.weight === 0 && blkio.weightDevice.length === 0)
    ? undefined
    : "without blkio_config's weights: the kernel of this host shares out no block I/O by weight";

/**
 * Limits and shares of block devices (runtime-spec config-linux, blockIO); undefined: none. INVALID_ARGUMENT: a weight out of bounds or a rate that is
 * no limit; FAILED_PRECONDITION: no such device.
 */
export const containerBlockIo = (blkio: Blkio | undefined, facts: BlockIoFacts): OciBlockIo | undefined => {
  if (blkio === undefined) return undefined;
  const rates = (list: readonly DeviceRate[]): readonly OciBlockRate[] | undefined =>
    list.length === 0
      ? undefined
      : list.map(({ path, rate }) => {
          if (rate > 0) return { ...deviceOf(path, facts), rate };
          throw new TsoError('INVALID_ARGUMENT', `blkio_config: the rate ${rate} for ${path} is none`, {
            hint: 'Leave it out for no limit',
          });
        });
  const weight = blkio.weight === 0 ? undefined : requireWeight(blkio.weight, '');
  const weights = blkio.weightDevice.map((one) => ({ ...deviceOf(one.path, facts), weight: requireWeight(one.weight, ` of ${one.path}`) }));
  const made: OciBlockIo = {
    ...(weight === undefined || !facts.blockWeights ? {} : { weight }),
    ...(weights.length === 0 || !facts.blockWeights ? {} : { weightDevice: weights }),
    ...named('throttleReadBpsDevice', rates(blkio.readBps)),
    ...named('throttleWriteBpsDevice', rates(blkio.writeBps)),
    ...named('throttleReadIOPSDevice', rates(blkio.readIops)),
    ...named('throttleWriteIOPSDevice', rates(blkio.writeIops)),
  };
  return Object.keys(made).length === 0 ? undefined : made;
};

const named = <K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, V>);
