import { type Blkio, type DeviceRate, TsoError } from '@tso/proto';
import type { OciBlockIo, OciBlockRate } from './oci-spec.ts';

export interface BlockDevice {
  readonly major: number;
  readonly minor: number;
  /** Its scheduler (BFQ) takes weights of its own. */
  readonly weighted: boolean;
}

export interface BlockIoFacts {
  /**
   * Who writes weights: the runtime; the agent, where crun knows only the file of an older kernel (blkio.weight, for which BFQ has blkio.bfq.weight); or
   * nobody, since this kernel has none.
   */
  readonly blockWeights: 'runtime' | 'agent' | 'none';
  /** Whether any disk is shared out by weights as things are: scheduled by BFQ, or with io.cost switched on. */
  readonly sharesByWeight: boolean;
  /** By the path that the spec says. */
  readonly blockDevices: ReadonlyMap<string, BlockDevice>;
}

/** Paths of all devices that it names, unique. */
export const blkioDevices = (blkio: Blkio): readonly string[] => [
  ...new Set(
    [blkio.weightDevice, blkio.readBps, blkio.writeBps, blkio.readIops, blkio.writeIops].flatMap((list) => list.map(({ path }) => path)),
  ),
];

const deviceOf = (path: string, facts: BlockIoFacts): Pick<BlockDevice, 'major' | 'minor'> => {
  const device = facts.blockDevices.get(path);
  if (device !== undefined) return { major: device.major, minor: device.minor };
  throw new TsoError('FAILED_PRECONDITION', `blkio_config: ${path} is not a block device of this host`);
};

const requireWeight = (weight: number, what: string): number => {
  if (weight >= 10 && weight <= 1000) return weight;
  throw new TsoError('INVALID_ARGUMENT', `blkio_config: the weight${what} is ${weight}; it can be from 10 to 1000`);
};

/** What is written of weights into a control group. */
export interface WeightLines {
  /** `300`; undefined: as much as others. */
  readonly weight: string | undefined;
  /** `254:0 200` each. */
  readonly devices: readonly string[];
}

/** What the agent writes, where it does. */
export const weightLines = (blkio: Blkio, devices: BlockIoFacts['blockDevices']): WeightLines => ({
  weight: blkio.weight === 0 ? undefined : String(blkio.weight),
  devices: blkio.weightDevice.flatMap(({ path, weight }) => {
    const device = devices.get(path);
    return device?.weighted !== true ? [] : [`${device.major}:${device.minor} ${weight}`];
  }),
});

/** What blkio_config asks for and has no effect here, a phrase each. Weights are shares, not limits: without them everything runs, unshared. */
export const blkioNotes = (blkio: Blkio | undefined, facts: BlockIoFacts): readonly string[] => {
  if (blkio === undefined) return [];
  const isShared = facts.blockWeights !== 'none' && facts.sharesByWeight;
  const unweighted = blkio.weightDevice.filter(({ path }) => !isShared || facts.blockDevices.get(path)?.weighted !== true);
  return [
    ...(blkio.weight > 0 && !isShared
      ? ["blkio_config's weight has no effect: no disk of this host is shared out by weight (BFQ, or io.cost)"]
      : []),
    ...(unweighted.length === 0
      ? []
      : [`blkio_config's weight has no effect for ${unweighted.map(({ path }) => path).join(', ')}: not scheduled by BFQ`]),
  ];
};

/**
 * Limits and shares of block devices (runtime-spec config-linux, blockIO); undefined: none. INVALID_ARGUMENT: a weight out of bounds or a rate that is
 * no limit; FAILED_PRECONDITION: no such device.
 */
export const containerBlockIo = (blkio: Blkio | undefined, facts: BlockIoFacts): OciBlockIo | undefined => {
  if (blkio === undefined) return undefined;
  const rates = (list: readonly DeviceRate[]): readonly OciBlockRate[] =>
    list.map(({ path, rate }) => {
      if (rate > 0) return { ...deviceOf(path, facts), rate };
      throw new TsoError('INVALID_ARGUMENT', `blkio_config: the rate ${rate} for ${path} is none`, { hint: 'Leave it out for no limit' });
    });
  const weight = blkio.weight === 0 ? undefined : requireWeight(blkio.weight, '');
  const asked = blkio.weightDevice.map((one) => ({
    ...one,
    ...deviceOf(one.path, facts),
    weight: requireWeight(one.weight, ` of ${one.path}`),
  }));
  // A disk with another scheduler would refuse the weight, and the container with it.
  const weights = asked
    .filter(({ path }) => facts.blockDevices.get(path)?.weighted === true)
    .map(({ major, minor, weight: own }) => ({ major, minor, weight: own }));
  const made: OciBlockIo = {
    ...(weight === undefined || facts.blockWeights !== 'runtime' ? {} : { weight }),
    ...(weights.length === 0 || facts.blockWeights !== 'runtime' ? {} : { weightDevice: weights }),
    ...(blkio.readBps.length === 0 ? {} : { throttleReadBpsDevice: rates(blkio.readBps) }),
    ...(blkio.writeBps.length === 0 ? {} : { throttleWriteBpsDevice: rates(blkio.writeBps) }),
    ...(blkio.readIops.length === 0 ? {} : { throttleReadIOPSDevice: rates(blkio.readIops) }),
    ...(blkio.writeIops.length === 0 ? {} : { throttleWriteIOPSDevice: rates(blkio.writeIops) }),
  };
  return Object.keys(made).length === 0 ? undefined : made;
};
