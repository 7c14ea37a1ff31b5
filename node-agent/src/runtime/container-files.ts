import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TsoError } from '@tso/proto';
import { type AgentPaths, containersRunDir, exitsDir, runtimeStateDir, taskLogsDir } from '../paths.ts';
import { type OciConfig, parseOciConfig } from './oci-spec.ts';
import type { ContainerProcess } from './types.ts';

export type RuntimeName = 'crun' | 'runc';

/** What a later agent must know of a container, beside what conmon and the runtime write themselves. */
export interface ContainerRecord {
  readonly id: string;
  readonly runtime: RuntimeName;
  readonly cgroupPath: string;
  readonly image: string;
  /** Into whose log what it says goes; absent: its own. */
  readonly logOf?: string;
  /** Network namespace that the runtime is started in, where it may not join it by itself. */
  readonly insideNetns?: string;
  /** Absent until conmon reported the container as made. */
  readonly process?: ContainerProcess;
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

const readIfThere = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

const namesIn = (dir: string): readonly string[] => {
  try {
    return readdirSync(dir);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
};

const idPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;
export const isContainerId = (name: string): boolean => idPattern.test(name);

/**
 * The files of all containers of one agent. They are the whole state: whoever reads them knows what the agent that wrote them knew.
 * Nothing is synced to disk, since the run directory is gone after a crash of the machine, as are its processes.
 */
export class ContainerFiles {
  readonly #paths: AgentPaths;

  constructor(paths: AgentPaths) {
    this.#paths = paths;
  }

  /** Makes the shared folders; again after somebody removed them. */
  prepare(): void {
    for (const dir of [
      containersRunDir(this.#paths),
      exitsDir(this.#paths),
      runtimeStateDir(this.#paths),
      this.attachDir,
      taskLogsDir(this.#paths),
    ]) {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
    }
  }

  get exits(): string {
    return exitsDir(this.#paths);
  }

  /** conmon links each bundle from here, since the path of a socket may have 107 bytes only. */
  get attachDir(): string {
    return join(this.#paths.runDir, 'attach');
  }

  /** The bundle, and all else about one container. INVALID_ARGUMENT: not an id, such as a path. */
  dir(id: string): string {
    if (!isContainerId(id)) throw new TsoError('INVALID_ARGUMENT', `${JSON.stringify(id)} is not a container id`);
    return join(containersRunDir(this.#paths), id);
  }

  log(id: string): string {
    this.dir(id);
    return join(taskLogsDir(this.#paths), id, 'log');
  }

  runtimeRoot(runtime: RuntimeName): string {
    return join(runtimeStateDir(this.#paths), runtime);
  }

  /** Ids with a folder or an exit file. */
  ids(): readonly string[] {
    return [...new Set([...namesIn(containersRunDir(this.#paths)), ...namesIn(this.exits)])].filter(isContainerId);
  }

  exists(id: string): boolean {
    return existsSync(this.dir(id));
  }

  /** The empty folders of a new container that writes into the log of `logOf`. */
  begin(id: string, logOf: string): void {
    mkdirSync(this.dir(id), { recursive: true, mode: 0o700 });
    mkdirSync(join(this.log(logOf), '..'), { recursive: true, mode: 0o700 });
  }

  writeConfig(id: string, text: string): void {
    writeFileSync(join(this.dir(id), 'config.json'), text, { mode: 0o600 });
  }

  readConfig(id: string): OciConfig | undefined {
    const text = readIfThere(join(this.dir(id), 'config.json'));
    return text === undefined ? undefined : parseOciConfig(text);
  }

  writeRecord(record: ContainerRecord): void {
    const path = join(this.dir(record.id), 'container.json');
    writeFileSync(`${path}.tmp`, JSON.stringify(record), { mode: 0o600 });
    renameSync(`${path}.tmp`, path);
  }

  readRecord(id: string): ContainerRecord | undefined {
    const text = readIfThere(join(this.dir(id), 'container.json'));
    return text === undefined ? undefined : (JSON.parse(text) as ContainerRecord);
  }

  /** The pid that conmon or the runtime wrote, or undefined. */
  readPid(id: string, file: 'pid' | 'conmon.pid'): number | undefined {
    const pid = Number(readIfThere(join(this.dir(id), file))?.trim());
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  }

  /** What crun compiled of the container's seccomp profile, or undefined. */
  readSeccompFilter(id: string): Uint8Array | undefined {
    const path = join(this.runtimeRoot('crun'), id, 'seccomp.bpf');
    return existsSync(path) ? readFileSync(path) : undefined;
  }

  /** conmon's exit file, or its second copy in the bundle. It is renamed into place, so it is whole. */
  readExit(id: string): { readonly exitCode: number; readonly atMs: number } | undefined {
    for (const path of [join(this.exits, id), join(this.dir(id), 'exit')]) {
      const text = readIfThere(path);
      if (text !== undefined && /^-?\d+/.test(text))
        return { exitCode: Number.parseInt(text, 10), atMs: Math.round(statSync(path).mtimeMs) };
    }
    return undefined;
  }

  /** Whether conmon saw an out-of-memory event. */
  sawOom(id: string): boolean {
    return existsSync(join(this.dir(id), 'oom'));
  }

  /** crun and runc both keep this fifo from create until start. */
  isWaitingForStart(record: ContainerRecord): boolean {
    return existsSync(join(this.runtimeRoot(record.runtime), record.id, 'exec.fifo'));
  }

  /** What conmon and the runtime said when they failed: '' when nothing. */
  readComplaint(id: string): string {
    return (readIfThere(join(this.dir(id), 'conmon.log')) ?? '').trim().slice(-2000);
  }

  /** Deletes all traces but the log. */
  remove(id: string): void {
    for (const runtime of ['crun', 'runc'] as const) rmSync(join(this.runtimeRoot(runtime), id), { recursive: true, force: true });
    rmSync(join(this.attachDir, id), { force: true });
    rmSync(this.dir(id), { recursive: true, force: true });
    // Last: while it is there, a new agent knows how the container ended.
    rmSync(join(this.exits, id), { force: true });
  }
}
