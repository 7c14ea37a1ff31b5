import type { VolumeSpec } from '@tso/proto';
import { meantHint } from '../diagnostics.ts';
import type { VolumeModel } from '../model.ts';
import { isAbsolutePath } from '../paths.ts';
import type { TreePath } from '../tree.ts';
import { type ConvertInput, tell } from './context.ts';
import { checkTemplates } from './templates.ts';

/** Volumes at the top of a file. */

const options: readonly string[] = ['type', 'o', 'device'];

/** What the driver local is told to mount; the node that mounts it checks the same, but knows no line of a file. */
const checkOptions = (input: ConvertInput, said: NonNullable<VolumeModel['driver_opts']>, key: string): void => {
  const path: TreePath = ['volumes', key, 'driver_opts'];
  const other = Object.keys(said).find((option) => !options.includes(option));
  if (other !== undefined) {
    const hint =
      other === 'size' ? 'with type: tmpfs write o: size=100m' : (meantHint(other, options) ?? `there are ${options.join(', ')}`);
    tell(input, 'E401', [...path, other], `the driver local has no option ${other} (volumes.${key})`, hint);
    return;
  }
  const { type = '', o = '', device = '' } = said;
  const isBind = o.split(',').some((option) => option === 'bind' || option === 'rbind');
  if (type === '' && !isBind)
    tell(
      input,
      'E306',
      path,
      `driver_opts of the volume ${key} lack the type of what is mounted`,
      'add type: nfs, or o: bind for a folder',
    );
  else if (type === 'none' && !isBind)
    tell(input, 'E306', path, `driver_opts of the volume ${key} have type: none, which says nothing without bind`, 'add o: bind');
  else if (device === '' && type !== 'tmpfs')
    tell(
      input,
      'E306',
      path,
      `driver_opts of the volume ${key} lack the device that is mounted`,
      'add device: ":/exports/data", or a folder',
    );
  else if (isBind && !isAbsolutePath(device))
    tell(
      input,
      'E202',
      [...path, 'device'],
      `'${device}' is not the path of a folder`,
      'write an absolute path, or one that begins with ./',
    );
};

/** The wish for one volume (E202, E306, E401). */
export const toVolume = (input: ConvertInput, volume: VolumeModel, key: string): VolumeSpec => {
  const driver = volume.driver ?? 'local';
  const driverOpts = volume.driver_opts ?? {};
  if (!['local', '', 'default'].includes(driver)) {
    const hint = 'remove driver; for a file server write driver_opts: {type: nfs, o: "addr=10.0.0.5", device: ":/data"}';
    tell(input, 'E401', ['volumes', key, 'driver'], `the volume driver ${driver} is not supported yet`, hint);
  } else if (Object.keys(driverOpts).length > 0) checkOptions(input, driverOpts, key);
  // Filled in for each task, so that every slot may have a volume of its own.
  checkTemplates(input, volume.name ?? '', ['volumes', key, 'name']);
  return {
    name: volume.name ?? `${input.model.name}_${key}`,
    driver: 'local',
    external: volume.external === true,
    labels: volume.labels ?? {},
    driverOpts,
  };
};
