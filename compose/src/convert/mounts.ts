import { type Device, emptyMount, type Mount, MountType } from '@tso/proto';
import { walk } from '../graph.ts';
import type { MountModel, ServiceModel } from '../model.ts';
import { expandHome, isAbsolutePath, resolvePath } from '../paths.ts';
import { pathText, type TreePath } from '../tree.ts';
import { parseBytes } from '../units.ts';
import { bytesOf, type ConvertInput, tell } from './context.ts';
import { containerHint } from './namespace-owner.ts';
import { checkTemplates } from './templates.ts';

const modeOf = (text: string | undefined): number => (text === undefined ? 0 : Number.parseInt(text, 8));

/** `recursive: readonly` asks for what is mounted below to be read-only too, which Docker allows under the same conditions. */
const checkRecursive = (input: ConvertInput, mount: MountModel, path: TreePath): void => {
  if (mount.bind?.recursive !== 'readonly') return;
  const at = [...path, 'bind', 'recursive'];
  if (mount.read_only !== true)
    tell(input, 'E304', at, `recursive: readonly is said of a mount that can be written (${pathText(path)})`, 'add read_only: true');
  const propagation = mount.bind.propagation ?? '';
  if (propagation !== '' && propagation !== 'rprivate')
    tell(
      input,
      'E303',
      at,
      `recursive: readonly and propagation: ${propagation} exclude each other (${pathText(path)})`,
      'remove propagation',
    );
};

/** What is said of another kind of mount, in the short form or the long one, changes nothing. */
const tellOfOtherKinds = (input: ConvertInput, mount: MountModel, path: TreePath): void => {
  const { bind, volume, tmpfs, image } = mount;
  for (const [kind, said] of Object.entries({ bind, volume, tmpfs, image })) {
    for (const [key, value] of Object.entries(said ?? {})) {
      // The catalogue warns of those that have an effect nowhere.
      if (kind === mount.type || !['propagation', 'recursive', 'nocopy', 'subpath', 'size', 'mode'].includes(key) || value === false)
        continue;
      const at = [...path, kind, key];
      const hint = `leave it out: only a mount of type ${kind} has it`;
      tell(input, 'W400', at, `${key} has no effect on a mount of type ${mount.type} (${pathText(at)})`, hint);
    }
  }
};

const bind = (input: ConvertInput, mount: MountModel, base: Mount, path: TreePath): Mount => {
  checkRecursive(input, mount, path);
  const source = expandHome(mount.source ?? '', input.home);
  if (/^[A-Za-z]:/.test(source) || source.startsWith('\\\\')) {
    tell(input, 'E401', [...path, 'source'], `'${source}' is a Windows path; containers run on Linux hosts`, 'name a path of the host');
  }
  checkTemplates(input, source, [...path, 'source']);
  return {
    ...base,
    type: MountType.BIND,
    source: isAbsolutePath(source) ? source : resolvePath(input.workingDir, source),
    createHostPath: mount.bind?.create_host_path !== false,
    propagation: mount.bind?.propagation ?? '',
    recursiveDisabled: mount.bind?.recursive === 'disabled',
    recursiveReadOnly: mount.bind?.recursive === 'readonly',
  };
};

/** A folder inside a volume or image, without a way out of it. */
const toSubpath = (input: ConvertInput, said: string | undefined, path: TreePath): string => {
  const subpath = said ?? '';
  if (isAbsolutePath(subpath) || subpath.split('/').includes('..'))
    tell(input, 'E202', path, `the subpath '${subpath}' does not lie inside (${pathText(path)})`, 'write a relative path without ..');
  return subpath;
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
  tellOfOtherKinds(input, mount, path);
  switch (mount.type) {
    case 'bind':
      return bind(input, mount, base, path);
    case 'volume': {
      const key = mount.source ?? '';
      const source = key === '' ? '' : (input.model.volumes?.[key]?.name ?? key);
      const subpath = toSubpath(input, mount.volume?.subpath, [...path, 'volume', 'subpath']);
      return { ...base, type: MountType.VOLUME, source, noCopy: mount.volume?.nocopy === true, subpath };
    }
    case 'image': {
      checkTemplates(input, mount.source ?? '', [...path, 'source']);
      if (mount.source === '')
        tell(input, 'E306', [...path, 'source'], `${pathText(path)} does not say which image it is of`, 'name it: source: NAME:TAG');
      const subpath = toSubpath(input, mount.image?.subpath, [...path, 'image', 'subpath']);
      return { ...base, type: MountType.IMAGE, source: mount.source ?? '', readOnly: true, subpath };
    }
    case 'tmpfs':
      return { ...base, type: MountType.TMPFS, tmpfsSizeBytes: bytesOf(mount.tmpfs?.size), tmpfsMode: modeOf(mount.tmpfs?.mode) };
    default:
      tell(
        input,
        'E401',
        [...path, 'type'],
        `mounts of type ${mount.type} are not supported yet (${pathText(path)})`,
        'use bind, volume, image or tmpfs',
      );
      return base;
  }
};

/** `size=50%` is none: half of the memory is a size only to the host that has it. */
const tmpfsSize = (value: string): number | undefined => {
  const size = parseBytes(value);
  return size === undefined || size < 0 ? undefined : size;
};

/** An owner's number, as far as the kernel counts. */
const ownerId = (value: string): number | undefined => (/^\d{1,10}$/.test(value) && Number(value) < 2 ** 32 ? Number(value) : undefined);

/** What one option asks for; undefined: it is not supported. */
const tmpfsOption = (key: string, value: string): Partial<Mount> | undefined => {
  if (key === 'ro') return { readOnly: true };
  // What every such mount has anyhow.
  if (['rw', 'noexec', 'nosuid', 'nodev'].includes(key)) return {};
  if (key === 'mode') return /^[0-7]{1,4}$/.test(value) ? { tmpfsMode: Number.parseInt(value, 8) } : undefined;
  const size = key === 'size' ? tmpfsSize(value) : undefined;
  if (size !== undefined) return { tmpfsSizeBytes: size };
  const id = key === 'uid' || key === 'gid' ? ownerId(value) : undefined;
  return id === undefined ? undefined : key === 'uid' ? { tmpfsUid: id } : { tmpfsGid: id };
};

/** `/run:size=64m,mode=1777,uid=1000,gid=1000`. */
const tmpfsMount = (input: ConvertInput, spec: string, path: TreePath): Mount => {
  const [target = '', options = ''] = spec.split(/:(.*)/s);
  let mount: Mount = { ...emptyMount, type: MountType.TMPFS, target };
  if (!isAbsolutePath(target))
    tell(input, 'E202', path, `the mount target '${target}' is not an absolute path (${pathText(path)})`, 'begin it with /');
  for (const option of options.split(',').filter((text) => text !== '')) {
    const [key = '', value = ''] = option.split(/=(.*)/s);
    const change = tmpfsOption(key, value);
    if (change !== undefined) mount = { ...mount, ...change };
    else
      tell(
        input,
        'E401',
        path,
        `the tmpfs option '${option}' is not supported yet (${pathText(path)})`,
        'use size=64m, mode=1777, uid=0, gid=0, ro',
      );
  }
  return mount;
};

/** A mount, and where the file says it. */
interface Placed {
  readonly mount: Mount;
  readonly path: TreePath;
}

const ownMounts = (input: ConvertInput, service: ServiceModel, name: string): readonly Placed[] => {
  const at = ['services', name];
  return [
    ...(service.volumes ?? []).map((mount, index) => {
      const path = [...at, 'volumes', index];
      return { mount: toMount(input, mount, path), path };
    }),
    ...(service.tmpfs ?? []).map((spec, index) => {
      const path = [...at, 'tmpfs', index];
      return { mount: tmpfsMount(input, spec, path), path };
    }),
  ];
};

/** The service that `volumes_from` means, and whether its volumes are to be read only; undefined, and told: there is none. */
const lenderOf = (input: ConvertInput, name: string, text: string, path: TreePath) => {
  const isContainer = text.startsWith('container:');
  const [who = '', access = 'rw', ...rest] = (isContainer ? text.slice('container:'.length) : text).split(':');
  if (who === '' || rest.length > 0 || (access !== 'ro' && access !== 'rw')) {
    tell(input, 'E202', path, `'${text}' does not say whose volumes are meant`, 'write SERVICE, SERVICE:ro, or container:NAME');
    return undefined;
  }
  const lender = isContainer ? input.byContainer.get(who) : who;
  if (lender === undefined) {
    const message = `service ${name} takes the volumes of the container ${who}, and no service here has that container_name`;
    tell(input, 'E401', path, message, containerHint(input, who, 'name those volumes under volumes:'));
    return undefined;
  }
  // That the service is declared has been checked with all other references.
  return input.model.services[lender] === undefined ? undefined : { lender, readOnly: access === 'ro' };
};

/** The mounts of a service, and over how many others `volumes_from` leads. */
export interface PlacedMounts {
  readonly placed: readonly Placed[];
  readonly height: number;
}

/** Beyond that a file is generated, and each further service would have the mounts of all others. */
const mostHeight = 32;
const mostMounts = 500;

/** What another service lends, as far as it can be shared. */
const lent = (input: ConvertInput, name: string, lender: string, readOnly: boolean, path: TreePath): readonly Placed[] =>
  (input.found.mounts.get(lender)?.placed ?? []).flatMap(({ mount }) => {
    // What is in memory is no volume, and each container's own.
    if (mount.type === MountType.TMPFS) return [];
    if (mount.type === MountType.VOLUME && mount.source === '') {
      const message = `the volume at ${mount.target} of service ${lender} has no name, so service ${name} cannot share it`;
      tell(input, 'E401', path, message, `name it: at service ${lender} volumes: ["data:${mount.target}"], at the top volumes: {data: {}}`);
      return [];
    }
    return [{ mount: readOnly ? { ...mount, readOnly: true } : mount, path }];
  });

/** Its own, then those of others where it has none itself; the others' are known already. */
const allMounts = (input: ConvertInput, service: ServiceModel, name: string): PlacedMounts => {
  const own = ownMounts(input, service, name);
  const taken = new Set(own.map(({ mount }) => mount.target));
  const borrowed: Placed[] = [];
  let height = 0;
  for (const [index, text] of (service.volumes_from ?? []).entries()) {
    const path = ['services', name, 'volumes_from', index];
    const found = lenderOf(input, name, text, path);
    if (found === undefined) continue;
    height = Math.max(height, (input.found.mounts.get(found.lender)?.height ?? 0) + 1);
    for (const one of lent(input, name, found.lender, found.readOnly, path)) {
      if (taken.has(one.mount.target)) continue;
      taken.add(one.mount.target);
      borrowed.push(one);
    }
  }
  const at = ['services', name, 'volumes_from'];
  if (height > mostHeight)
    tell(
      input,
      'E402',
      at,
      `volumes_from of service ${name} leads over more than ${mostHeight} services`,
      'name the volumes under volumes:',
    );
  else if (own.length + borrowed.length > mostMounts)
    tell(input, 'E402', ['services', name], `service ${name} has more than ${mostMounts} mounts`, 'mount a folder that holds them');
  else return { placed: [...own, ...borrowed], height };
  return { placed: [], height };
};

/** Finds the mounts of the service and of those whose volumes it takes, lenders first. */
const findMounts = (input: ConvertInput, name: string): PlacedMounts | undefined => {
  const lenders = (one: string): readonly string[] =>
    input.found.mounts.has(one)
      ? []
      : (input.model.services[one]?.volumes_from ?? []).flatMap((text, index) => {
          const found = lenderOf(input, one, text, ['services', one, 'volumes_from', index]);
          return found === undefined ? [] : [found.lender];
        });
  for (const one of walk([name], lenders).order) {
    const service = input.model.services[one];
    if (service !== undefined && !input.found.mounts.has(one)) input.found.mounts.set(one, allMounts(input, service, one));
  }
  return input.found.mounts.get(name);
};

/** The service's mounts, in the order of the file, then those of `volumes_from`; a target taken twice is E305. */
export const toMounts = (input: ConvertInput, name: string): readonly Mount[] => {
  const mounts = findMounts(input, name)?.placed ?? [];
  const taken = new Set<string>();
  for (const { mount, path } of mounts) {
    if (taken.has(mount.target))
      tell(input, 'E305', path, `two mounts of service ${name} have the target ${mount.target}`, 'keep one of them');
    taken.add(mount.target);
  }
  return mounts.map(({ mount }) => mount);
};

/** The service's devices, by target; names of the Container Device Interface are E401. */
export const toDevices = (input: ConvertInput, service: ServiceModel, name: string): readonly Device[] =>
  (service.devices ?? []).map((device, index) => {
    const path = ['services', name, 'devices', index];
    const { source, target = source, permissions = 'rwm' } = device;
    if (!isAbsolutePath(source)) {
      const message = `the device '${source}' is not a path; devices by name (CDI) are not supported yet`;
      tell(input, 'E401', path, message, 'name the file under /dev');
    } else if (!isAbsolutePath(target))
      tell(input, 'E202', path, `'${target}' is not a path for the device ${source} in the container`, 'begin it with /');
    if (!/^[rwm]{1,3}$/.test(permissions) || new Set(permissions).size < permissions.length)
      tell(input, 'E202', path, `'${permissions}' does not say what may be done with the device ${source}`, 'write some of r, w and m');
    return { source, target, permissions };
  });
