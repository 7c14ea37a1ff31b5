import { existsSync } from 'node:fs';
import { lstat, mkdir, readFile, statfs } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { imageArchitecture, TsoError } from '@tso/proto';
import { findProgram } from '../find-program.ts';
import type { Io } from '../io.ts';
import { writePrivateFile } from '../private-file.ts';
import { type Isolation, registriesText, storageArguments } from '../view-model/buildah-arguments.ts';
import { removeAbandoned } from './build-folder.ts';
import { runBase } from './memory-folder.ts';

/** A host that can build, and where it keeps what it built. */
export interface BuildHost {
  readonly buildah: string;
  /** In front of every command of buildah. */
  readonly storage: readonly string[];
  readonly isolation: Isolation;
  readonly signaturePolicy: string | undefined;
  /** os/arch of this host, as images say it. */
  readonly platform: string;
  /** For what is gone after the build: on disk, and in memory, where secrets may lie. */
  readonly workFolder: string;
  readonly memoryFolder: string;
}

const buildahPath = (): string => {
  const path = findProgram('buildah');
  if (path !== undefined) return path;
  throw new TsoError('FAILED_PRECONDITION', 'images are built with buildah, which is not installed on this host', {
    hint: 'Install it: apt-get install --no-install-recommends buildah; tso doctor shows what is there',
  });
};

/** A folder that nobody else can put anything into; in a shared one somebody may have made it before. */
const privateFolder = async (path: string, uid: number): Promise<string> => {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const looks = await lstat(path);
    if (looks.isDirectory() && looks.uid === uid && (looks.mode & 0o022) === 0) return path;
    throw new Error('it is not yours alone');
  } catch (error) {
    throw new TsoError('FAILED_PRECONDITION', `the folder ${path} for builds cannot be made: ${(error as Error).message}`, {
      hint: 'Name another one: TSO_BUILD_DIR',
      cause: error,
    });
  }
};

/** No build takes that long. */
const surelyOverMs = 24 * 3_600_000;

/** overlayfs does not stack on itself (linux/magic.h: OVERLAYFS_SUPER_MAGIC). */
const overlayMagic = 0x794c7630;

const storageDriver = async (root: string, env: Io['env']): Promise<string> =>
  env.STORAGE_DRIVER || ((await statfs(root)).type === overlayMagic ? 'vfs' : 'overlay');

/** As root with a runtime that starts here, in containers; else only in another root folder. crun does not start where both kinds of cgroups are mounted. */
const isolationOf = ({ env, uid }: Io): Isolation => {
  if (env.BUILDAH_ISOLATION === 'chroot' || uid !== 0) return { kind: 'chroot' };
  const crun = existsSync('/sys/fs/cgroup/cgroup.controllers') ? findProgram('crun') : undefined;
  const runtime = findProgram('runc') ?? crun;
  return runtime === undefined ? { kind: 'chroot' } : { kind: 'oci', runtime };
};

const firstText = async (paths: readonly (string | undefined)[]): Promise<string | undefined> => {
  const path = paths.find((one) => one !== undefined && existsSync(one));
  return path === undefined ? undefined : readFile(path, 'utf8');
};

/** Written when this host's configuration does not say where short names are looked for; undefined: it does. */
const registriesConf = async (folder: string, home: string, env: Io['env']): Promise<string | undefined> => {
  const there = [env.CONTAINERS_REGISTRIES_CONF, join(home, '.config/containers/registries.conf'), '/etc/containers/registries.conf'];
  const text = registriesText(await firstText(there));
  if (text === undefined) return undefined;
  const path = join(folder, 'registries.conf');
  // Whole at any time: another build of this user may read it just now.
  await writePrivateFile(folder, path, [Buffer.from(text)]);
  return path;
};

/** Without any policy buildah pulls nothing; then images are taken as Docker takes them. */
const signaturePolicy = async (folder: string, home: string): Promise<string | undefined> => {
  if (existsSync('/etc/containers/policy.json') || existsSync(join(home, '.config/containers/policy.json'))) return undefined;
  const path = join(folder, 'policy.json');
  await writePrivateFile(folder, path, [Buffer.from('{"default":[{"type":"insecureAcceptAnything"}]}\n')]);
  return path;
};

/** Gone after a reboot, as the mounts are that are counted there. */
const runFolder = async (root: string, io: Io): Promise<string> =>
  join(
    await runBase(io),
    `tso-build-${process.getBuiltinModule('node:crypto').createHash('sha256').update(root).digest('hex').slice(0, 16)}`,
  );

/** Looks what this host has, and makes the folders. FAILED_PRECONDITION: it has no buildah, or they cannot be made. */
export const prepareBuildHost = async (io: Io): Promise<BuildHost> => {
  const { env, uid } = io;
  const buildah = buildahPath();
  const home = env.HOME || homedir();
  // buildah takes no relative path, and what lies elsewhere in memory is told apart by this one.
  const folder = resolve(io.cwd, env.TSO_BUILD_DIR || join(env.XDG_CACHE_HOME || join(home, '.cache'), 'tso', 'build'));
  const root = await privateFolder(join(folder, 'storage'), uid);
  const workFolder = await privateFolder(join(folder, 'work'), uid);
  const runs = await privateFolder(await runFolder(folder, io), uid);
  const runRoot = await privateFolder(join(runs, 'run'), uid);
  const memoryFolder = await privateFolder(join(runs, 'secrets'), uid);
  await removeAbandoned(memoryFolder);
  await removeAbandoned(workFolder, io.clock.now() - surelyOverMs);
  const storage = storageArguments({
    root,
    runRoot,
    driver: await storageDriver(root, env),
    registriesConf: await registriesConf(workFolder, home, env),
  });
  return {
    buildah,
    storage,
    isolation: isolationOf(io),
    signaturePolicy: await signaturePolicy(workFolder, home),
    platform: `linux/${imageArchitecture(process.arch)}`,
    workFolder,
    memoryFolder,
  };
};
