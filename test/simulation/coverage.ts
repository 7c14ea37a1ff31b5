/** What a run met: a schedule in which nothing happens proves nothing. */
export const coverageKinds = [
  'elections',
  'transfers asked for',
  'restarts',
  'crashes',
  'crashes within a step of the disk',
  'torn writes repaired',
  'failed writes and syncs',
  'damaged disks refused',
  'wiped disks',
  'pauses',
  'partitions',
  'messages delivered',
  'messages lost',
  'messages repeated',
  'snapshots made',
  'snapshots restored',
  'changes of members',
  'joint configurations',
  'members removed',
  'writes acknowledged',
  'reads checked',
] as const;

export type CoverageKind = (typeof coverageKinds)[number];

export class Coverage {
  private readonly counts = new Map<CoverageKind, number>();

  add(kind: CoverageKind, count = 1): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + count);
  }

  of(kind: CoverageKind): number {
    return this.counts.get(kind) ?? 0;
  }

  addAll(other: Coverage): void {
    for (const kind of coverageKinds) this.add(kind, other.of(kind));
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries(coverageKinds.map((kind) => [kind.replaceAll(' ', '_'), this.of(kind)]));
  }
}
