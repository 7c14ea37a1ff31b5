import { TsoError, type VolumeSpec } from '@tso/proto';

/** What a volume is mounted from, as `driver_opts` of the driver `local` say it. */
export interface DriverMount {
  /** File system: nfs, nfs4, cifs, tmpfs, ext4, none (with bind among the options), … */
  readonly type: string;
  readonly device: string;
  readonly options: readonly string[];
}

/** File systems that other hosts write at the same time, and that may take for ever to answer. */
const networkTypes = new Set(['nfs', 'nfs4', 'cifs', 'smb3', 'ceph', '9p', 'afs', 'glusterfs', 'lustre', 'gfs2', 'ocfs2']);
export const isNetworkMount = ({ type }: DriverMount): boolean => networkTypes.has(type) || type.startsWith('fuse');

const known = ['type', 'o', 'device'];
const typePattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
/** Words of fstab(5) for whoever mounts at boot: of no meaning here, and often copied from there. */
const ofBoot = new Set(['defaults', 'auto', 'noauto', 'nofail', '_netdev']);
/** What would have mount(8) run programs, make folders or let others mount. */
const notForVolumes = /^(helper=|uhelper=|[xX]-|users?$|owner$|group$)/;

const refuse = (name: string, why: string, hint?: string): TsoError =>
  new TsoError('INVALID_ARGUMENT', `driver_opts of the volume ${name}: ${why}`, hint === undefined ? {} : { hint });

const requireText = (name: string, key: string, value: string): void => {
  if (/[\n\0]/.test(value)) throw refuse(name, `${key} has a line break in it`);
};

const optionsOf = (name: string, text: string): readonly string[] => {
  const options = text.split(',').filter((option) => option !== '' && !ofBoot.has(option));
  const strange = options.find((option) => notForVolumes.test(option));
  if (strange === undefined) return options;
  throw refuse(name, `the mount option ${strange.split('=', 1)[0]} is not for volumes`, 'Leave it out of o');
};

/**
 * What the volume is mounted from; undefined: it is a folder of the node. INVALID_ARGUMENT: options that the driver `local` does not have, or that do not
 * go together. Values are not repeated in messages: there may be a password among them.
 */
export const driverMountOf = ({ name, driverOpts }: Pick<VolumeSpec, 'name' | 'driverOpts'>): DriverMount | undefined => {
  const keys = Object.keys(driverOpts);
  if (keys.length === 0) return undefined;
  const other = keys.find((key) => !known.includes(key));
  if (other === 'size') throw refuse(name, 'size is not supported', 'With type: tmpfs it is one of the options: o: size=100m');
  if (other !== undefined) throw refuse(name, `${other} is not known`, 'The driver local has type, o and device');
  for (const [key, value] of Object.entries(driverOpts)) requireText(name, key, value);
  const { type = '', o = '', device = '' } = driverOpts;
  const options = optionsOf(name, o);
  const isBind = options.includes('bind') || options.includes('rbind');
  if (type === '' && !isBind)
    throw refuse(name, 'type is missing', 'Name the file system, such as nfs; for a folder of the node none, with o: bind');
  if (device === '' && type !== 'tmpfs')
    throw refuse(name, 'device is missing', 'Say what is mounted, such as :/exports/data with type: nfs');
  if (type === 'none' && !isBind) throw refuse(name, 'type none needs o: bind', 'Say o: bind to mount a folder of the node');
  if (type !== '' && !typePattern.test(type)) throw refuse(name, 'type is not the name of a file system');
  if (isBind && !device.startsWith('/')) throw refuse(name, 'a folder of the node needs an absolute path', 'Say device: /srv/data');
  return { type: isBind ? 'none' : type, device: device || 'tmpfs', options };
};

const optionValue = (options: readonly string[], key: string): string | undefined =>
  options.findLast((option) => option.startsWith(`${key}=`))?.slice(key.length + 1);

/** The server that a network file system is on, from `addr=` or the device; undefined: none is named, or none is needed. */
export const serverOf = ({ type, device, options }: DriverMount): string | undefined => {
  if (type === 'nfs' || type === 'nfs4') {
    const bracketed = /^\[([^\]]+)\]:\//.exec(device)?.[1];
    return optionValue(options, 'addr') ?? bracketed ?? /^([^/:]+):\//.exec(device)?.[1];
  }
  if (type === 'cifs' || type === 'smb3')
    return optionValue(options, 'ip') ?? optionValue(options, 'addr') ?? /^\/\/([^/]+)\//.exec(device)?.[1];
  return undefined;
};

/** The file with user and password that `credentials=` names; undefined: none. */
export const credentialsFileOf = ({ type, options }: DriverMount): string | undefined =>
  type === 'cifs' || type === 'smb3' ? optionValue(options, 'credentials') : undefined;

/** In the options of CIFS two commas stand for one (kernel: fs/smb/client/fs_context.c). */
const escapedCommas = (value: string): string => value.replaceAll(',', ',,');

/** The keys of a credentials file (mount.cifs(8)) and the options that they stand for. */
const credentialKeys: ReadonlyMap<string, string> = new Map([
  ['username', 'username'],
  ['user', 'username'],
  ['password', 'password'],
  ['pass', 'password'],
  ['domain', 'domain'],
  ['dom', 'domain'],
]);

/** The options that the text of a credentials file stands for. */
export const credentialOptions = (text: string): readonly string[] =>
  text.split('\n').flatMap((line) => {
    const [key = '', ...rest] = line.trimStart().split('=');
    const name = credentialKeys.get(key.trim());
    return name === undefined ? [] : [`${name}=${escapedCommas(rest.join('=').replace(/\r$/, ''))}`];
  });

/**
 * The options as the kernel wants them, which resolves no names and reads no files: the server's address, and what the credentials file holds.
 * @param address of the server that `serverOf` names
 */
export const kernelOptions = ({ type, options }: DriverMount, address: string, credentials: readonly string[]): readonly string[] => {
  const isNfs = type === 'nfs' || type === 'nfs4';
  const rest = options.filter((option) => !/^(addr|credentials)=/.test(option) && (isNfs || !option.startsWith('ip=')));
  if (isNfs) return [...rest, `addr=${address}`];
  // Under their shorter names mount(8) would keep them for itself.
  const full = rest.map((option) => option.replace(/^user=/, 'username=').replace(/^pass=/, 'password='));
  return [...full, ...credentials, `ip=${address}`];
};

/** A field of fstab(5), in which blanks and backslashes are written by number. */
const fstabField = (text: string): string => text.replaceAll(/[ \t\\#]/g, (sign) => `\\${sign.charCodeAt(0).toString(8).padStart(3, '0')}`);

/** The line of fstab(5) by which it is mounted: read from a file, no option stands in a list of processes. */
export const fstabLine = ({ type, device }: DriverMount, options: readonly string[], target: string): string =>
  `${[device, target, type, options.join(',') || 'defaults'].map(fstabField).join(' ')} 0 0\n`;
