import { seededNumbers } from '../linearizability/generated-history.ts';

/** All chance of one run. Separate purposes take separate sources, so that cutting the schedule leaves the rest alone. */
export class Chance {
  readonly number: () => number;

  constructor(seed: number) {
    this.number = seededNumbers(seed);
  }

  /** Whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.number() * limit);
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  happens(probability: number): boolean {
    return this.number() < probability;
  }

  pick<T>(from: readonly T[]): T | undefined {
    return from[this.below(from.length)];
  }
}

/** One number from several, well mixed: source `purpose` of seed `seed`. */
export const derivedSeed = (seed: number, purpose: number): number =>
  Math.imul((seed ^ Math.imul(purpose + 1, 0x9e37_79b1)) >>> 0, 0x85eb_ca6b) >>> 0;

/** FNV-1a over 32 bits, continued: hashes of traces and of applied entries. */
export const mix = (hash: number, value: number): number => {
  let mixed = hash;
  for (let shift = 0; shift < 32; shift += 8) mixed = Math.imul(mixed ^ ((value >>> shift) & 0xff), 0x0100_0193);
  return mixed >>> 0;
};

export const mixBytes = (hash: number, bytes: Uint8Array): number => {
  let mixed = mix(hash, bytes.length);
  for (const byte of bytes) mixed = Math.imul(mixed ^ byte, 0x0100_0193);
  return mixed >>> 0;
};

export const emptyHash = 0x811c_9dc5;
