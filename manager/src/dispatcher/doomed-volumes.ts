import type { Change } from '../store/apply.ts';
import type { View } from '../store/view.ts';

/** The cluster names of volumes that were taken down with their data. The store may forget one before every node has heard of it. */
export type DoomedVolumes = ReadonlySet<string>;

export const doomedOf = (view: View): DoomedVolumes =>
  new Set(
    view
      .volumes()
      .filter((volume) => volume.removing)
      .map(({ spec }) => spec.name),
  );

/** A volume made anew under the same name is not to lose its data to its predecessor's end. */
export const withChanges = (doomed: DoomedVolumes, changes: readonly Change[]): DoomedVolumes => {
  const next = new Set(doomed);
  for (const change of changes) {
    if (change.kind !== 'volume') continue;
    if (change.after !== undefined && !change.after.removing) next.delete(change.after.spec.name);
    else if (change.after !== undefined) next.add(change.after.spec.name);
    else if (change.before?.removing === true) next.add(change.before.spec.name);
  }
  return next;
};
