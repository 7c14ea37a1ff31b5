import type { Mount, ServiceSpec, StackSpec, TsoError } from '@tso/proto';
import { MountType } from '@tso/proto';
import { duplicates, invalid, permissionBits } from './validate-shared.ts';

type Problems = Iterable<TsoError>;

/** A path that stays inside where it begins. */
const staysInside = (path: string): boolean => !path.startsWith('/') && !path.split('/').includes('..');

const subpathProblems = function* (at: string, { type, target, subpath }: Mount): Problems {
  if (subpath === '') return;
  if (type !== MountType.VOLUME && type !== MountType.IMAGE)
    yield invalid(`${at}: a subpath is said of the mount at ${target}, which is neither a volume nor an image`, 'Leave subpath out');
  else if (!staysInside(subpath))
    yield invalid(`${at}: the subpath "${subpath}" leads out of what is mounted at ${target}`, 'Write a relative path without ..');
};

const tmpfsProblems = function* (at: string, { type, target, tmpfsSizeBytes, tmpfsMode, tmpfsUid, tmpfsGid }: Mount): Problems {
  if (tmpfsSizeBytes < 0) yield invalid(`${at}: the tmpfs at ${target} has a negative size`);
  if (tmpfsMode > permissionBits)
    yield invalid(`${at}: ${tmpfsMode.toString(8)} is no mode of the tmpfs at ${target}`, 'Write up to four octal digits: 1777');
  const isOwned = tmpfsUid !== undefined || tmpfsGid !== undefined;
  if (type !== MountType.TMPFS && (tmpfsSizeBytes > 0 || tmpfsMode > 0 || isOwned))
    yield invalid(`${at}: size, mode and owner are said of the mount at ${target}, which is no tmpfs`, 'Leave them out');
};

const recursiveProblems = function* (at: string, mount: Mount): Problems {
  const { type, target, recursiveReadOnly, recursiveDisabled, readOnly, propagation } = mount;
  if (!recursiveReadOnly) return;
  const wrong = (why: string, hint: string): TsoError =>
    invalid(`${at}: the mount at ${target} is to be read-only with all below it, and ${why}`, hint);
  if (type !== MountType.BIND) yield wrong('is no bind mount', 'Leave bind.recursive out');
  if (!readOnly) yield wrong('is not read-only itself', 'Add read_only: true');
  if (recursiveDisabled) yield wrong('leaves out what is below it', 'Choose one of readonly and disabled');
  if (propagation !== '' && propagation !== 'rprivate') yield wrong(`has the propagation ${propagation}`, 'Leave propagation out');
};

const sourceProblems = function* (stack: StackSpec, at: string, { type, source, target, readOnly }: Mount): Problems {
  if (type === MountType.BIND && !source.startsWith('/')) yield invalid(`${at}: bind source "${source}" is not an absolute path`);
  if (type === MountType.VOLUME && source !== '' && !stack.volumes.some((volume) => volume.name === source))
    yield invalid(`${at}: volume ${source} is not among the stack's volumes`);
  if (type !== MountType.IMAGE) return;
  if (source === '') yield invalid(`${at}: the mount at ${target} does not say which image it is of`, 'Give it a source');
  if (!readOnly) yield invalid(`${at}: the image mounted at ${target} can only be read`, 'Add read_only: true');
};

/** What is wrong with what a service mounts, files of the cluster aside. */
export const mountProblems = function* (stack: StackSpec, at: string, spec: ServiceSpec): Problems {
  const { mounts } = spec.task.container;
  for (const target of duplicates(mounts.map((mount) => mount.target))) yield invalid(`${at}: two mounts have the target ${target}`);
  for (const mount of mounts) {
    if (!mount.target.startsWith('/')) yield invalid(`${at}: mount target "${mount.target}" is not an absolute path`);
    yield* sourceProblems(stack, at, mount);
    yield* subpathProblems(at, mount);
    yield* tmpfsProblems(at, mount);
    yield* recursiveProblems(at, mount);
  }
};
