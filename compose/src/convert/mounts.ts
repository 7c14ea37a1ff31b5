import { type Device, emptyMount, type Mount, MountType } from '@tso/proto';
import type { MountModel, ServiceModel } from '../model.ts';
import { expandHome, isAbsolutePath, resolvePath } from '../paths.ts';
import { pathText, type TreePath } from '../tree.ts';
import { parseBytes } from '../units.ts';
import { bytesOf, type ConvertInput, tell } from './context.ts';

const modeOf = (text: string | undefined): number => (text === undefined ? 0 : Number.parseInt(text, 8));

const bind = (input: ConvertInput, mount: MountModel, base: Mount, path: TreePath): Mount => {
  const recursive = mount.bind?.recursive;
  if (recursive === 'readonly' || recursive === 'writable') {
    tell(
      input,
      'E401',
      [...path, 'bind', 'recursive'],
      `recursive: ${recursive} is not supported yet (${pathText(path)})`,
      'use enabled or disabled',
    );
  }
  const source = expandHome(mount.source ?? '', input.home);
  if (/^[A-Za-z]:/.test(source) || source.startsWith('\\\\')) {
    tell(input, 'E401', [...path, 'source'], `'${source}' is a Windows path; containers run on Linux hosts`, 'name a path of the host');
  }
  return {
    ...base,
    type: MountType.BIND,
    source: isAbsolutePath(source) ? source : resolvePath(input.workingDir, source),
    createHostPath: mount.bind?.create_host_path !== false,
    propagation: mount.bind?.propagation ?? '',
    recursiveDisabled: recursive === 'disabled',
  };
};

const toMount = (input: ConvertInput, mount: MountModel, path: TreePath): Mount => {
  const base: Mount = { ...emptyMount, target: mount.target ?? '', readOnly: mount.read_only === true };
  if (!isAbsolutePath(base.target)) {
    tell(
      input,
      'E202',
      [...path, 'target'],
      `the mount target '${base.target}' is not an absolute path (${pathText(path)})`,
      'begin it with /',
    );
  }
  switch (mount.type) {
    case 'bind':
      return bind(input, mount, base, path);
    case 'volume': {
      const key = mount.source ?? '';
      const source = key === '' ? '' : (input.model.volumes?.[key]?.name ?? key);
      return { ...base, type: MountType.VOLUME, source, noCopy: mount.volume?.nocopy === true, subpath: mount.volume?.subpath ?? '' };
    }
    case 'tmpfs':
      return { ...base, type: MountType.TMPFS, tmpfsSizeBytes: bytesOf(mount.tmpfs?.size), tmpfsMode: modeOf(mount.tmpfs?.mode) };
    default:
      tell(
        input,
        'E401',
        [...path, 'type'],
        `mounts of type ${mount.type} are not supported yet (${pathText(path)})`,
        'use bind, volume or tmpfs',
      );
      return base;
  }
};

/** `/run:size=64m,mode=1777`. */
const tmpfsMount = (input: ConvertInput, spec: string, path: TreePath): Mount => {
  const [target = '', options = ''] = spec.split(/:(.*)/s);
  let mount: Mount = { ...emptyMount, type: MountType.TMPFS, target };
  if (!isAbsolutePath(target))
    tell(input, 'E202', path, `the mount target '${target}' is not an absolute path (${pathText(path)})`, 'begin it with /');
  for (const option of options.split(',').filter((text) => text !== '')) {
    const [key = '', value = ''] = option.split('=');
    const size = key === 'size' ? parseBytes(value) : undefined;
    if (size !== undefined) mount = { ...mount, tmpfsSizeBytes: size };
    else if (key === 'mode' && /^[0-7]{1,4}$/.test(value)) mount = { ...mount, tmpfsMode: Number.parseInt(value, 8) };
    else if (key === 'ro') mount = { ...mount, readOnly: true };
    else if (!['rw', 'noexec', 'nosuid', 'nodev'].includes(key))
      tell(input, 'E401', path, `the tmpfs option '${option}' is not supported yet (${pathText(path)})`, 'use size and mode');
  }
  return mount;
};

/** The service's mounts, in the order of the file; a target taken twice is E305. */
export const toMounts = (input: ConvertInput, service: ServiceModel, name: string): readonly Mount[] => {
  const at = ['services', name];
  const mounts = [
    ...(service.volumes ?? []).map(
      (mount, index) => [toMount(input, mount, [...at, 'volumes', index]), [...at, 'volumes', index]] as const,
    ),
    ...(service.tmpfs ?? []).map((spec, index) => [tmpfsMount(input, spec, [...at, 'tmpfs', index]), [...at, 'tmpfs', index]] as const),
  ];
  const taken = new Set<string>();
  for (const [mount, path] of mounts) {
    if (taken.has(mount.target))
      tell(input, 'E305', path, `two mounts of service ${name} have the target ${mount.target}`, 'keep one of them');
    taken.add(mount.target);
  }
  return mounts.map(([mount]) => mount);
};

/** The service's devices; names of the Container Device Interface are E401. */
export const toDevices = (input: ConvertInput, service: ServiceModel, name: string): readonly Device[] =>
  (service.devices ?? []).map((device, index) => {
    const path = ['services', name, 'devices', index];
    if (!isAbsolutePath(device.source)) {
      tell(
        input,
        'E401',
        path,
        `the device '${device.source}' is not a path; devices by name (CDI) are not supported yet`,
        'name the file under /dev',
      );
    }
    return { source: device.source, target: device.target ?? device.source, permissions: device.permissions ?? 'rwm' };
  });
