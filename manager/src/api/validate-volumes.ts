import type { StackSpec, VolumeSpec } from '@tso/proto';
import { TsoError } from '@tso/proto';
import type { View } from '../store/view.ts';
import { badName, duplicates, immutable, invalid, longName, notThere, takenByOther } from './validate-shared.ts';

/** What the driver local mounts a volume from (node-agent/src/volumes/driver-mount.ts); which file systems there are, a node knows. */
const driverOptions = ['type', 'o', 'device'];

/** A name in which `{{.Task.Slot}}` and the like stand, with something in their place: what a node fills in fits as well. */
const plainName = (name: string): string =>
  name.replace(/\{\{([^{}]*)\}\}/g, (whole, action: string) => (/\.(?:Service|Node|Task)\./.test(action) ? 'x' : whole));

/** No sentence has a value: there may be a password among them. */
const driverProblems = function* ({ name, driver, driverOpts }: VolumeSpec): Iterable<TsoError> {
  if (!['', 'local', 'default'].includes(driver)) {
    yield invalid(`volume ${name}: there is no volume driver ${driver}`, 'Use local, with driver_opts for what is mounted from elsewhere');
    return;
  }
  for (const [key, value] of Object.entries(driverOpts)) {
    if (!driverOptions.includes(key))
      yield invalid(`volume ${name}: the driver local has no option ${key}`, `There are ${driverOptions.join(', ')}`);
    else if (/[\n\0]/.test(value)) yield invalid(`volume ${name}: driver_opts.${key} has a line break in it`);
  }
  const { type = '', o = '', device = '' } = driverOpts;
  const isBind = o.split(',').some((option) => option === 'bind' || option === 'rbind');
  if (Object.keys(driverOpts).length === 0) return;
  if ((type === '' || type === 'none') && !isBind)
    yield invalid(
      `volume ${name}: driver_opts do not say the type of what is mounted`,
      'Name the file system (type: nfs), or o: bind for a folder of the node',
    );
  if (device === '' && type !== 'tmpfs')
    yield invalid(`volume ${name}: driver_opts do not say what is mounted`, 'Name it: device: ":/exports/data"');
  else if (isBind && !device.startsWith('/'))
    yield invalid(`volume ${name}: the folder of the node is not an absolute path`, 'Write device: /srv/data');
};

const volumeProblem = function* (view: View, stack: string, spec: VolumeSpec): Iterable<TsoError> {
  const long = longName('volume', spec.name);
  if (long !== undefined) {
    yield long;
    return;
  }
  const existing = view.volumeByName(spec.name);
  if (spec.external) {
    if (existing === undefined || existing.removing) yield notThere('volume', spec.name);
    return;
  }
  // A name with templates stands for one volume for each of what they come to, which the nodes look at.
  const bad = badName('volume', plainName(spec.name));
  if (bad !== undefined) yield invalid(`"${spec.name}" cannot be the name of a volume`, bad.hint);
  yield* driverProblems(spec);
  if (existing === undefined) return;
  if (existing.stack !== stack) yield takenByOther('volume', spec.name, existing.stack);
  else if (existing.removing) {
    yield new TsoError('FAILED_PRECONDITION', `volume ${spec.name} is being removed with its data`, {
      hint: 'Try again when the removal is done, in a moment',
    });
  } else {
    const changed = immutable('volume', existing.spec, spec);
    if (changed !== undefined) yield changed;
  }
};

export const volumeProblems = function* (view: View, spec: StackSpec): Iterable<TsoError> {
  for (const name of duplicates(spec.volumes.map((volume) => volume.name))) yield invalid(`volume ${name} is given twice`);
  for (const volume of spec.volumes) yield* volumeProblem(view, spec.name, volume);
};
