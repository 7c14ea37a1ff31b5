import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type CommandOutcome, command } from './command.ts';
import { cliEntry, type LabHost } from './lab-host.ts';

/** A folder with compose files and what belongs to them, and the command line of one host in it. */
export class Project {
  readonly folder: string;
  readonly #host: LabHost;

  constructor(host: LabHost, folder: string) {
    this.#host = host;
    this.folder = folder;
  }

  /** Writes files, path to content, relative to the folder. */
  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
  }

  /** The command line of tso with this as its working directory (entering a host leaves the one of the caller); any exit code is an answer. */
  tso(
    args: readonly string[],
    { input = '', env = {} }: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
  ) {
    const { dataDir, runDir, pin } = this.#host;
    const namespaces = [`--net=${join(pin, 'net')}`, `--mount=${join(pin, 'mnt')}`, `--uts=${join(pin, 'uts')}`];
    const script = 'cd "$0" && exec "$@"';
    return command('nsenter', [...namespaces, '--', 'sh', '-c', script, this.folder, process.execPath, '--', cliEntry, ...args], {
      input,
      env: { TSO_DATA_DIR: dataDir, TSO_RUN_DIR: runDir, ...env },
    });
  }

  /** The same, which must succeed: what it printed, and what it said beside that. */
  async ok(args: readonly string[], options: Parameters<Project['tso']>[1] = {}): Promise<CommandOutcome> {
    const outcome = await this.tso(args, options);
    if (outcome.code !== 0) throw new Error(`tso ${args.join(' ')} ended with ${outcome.code}: ${outcome.stderr}${outcome.stdout}`);
    return outcome;
  }
}
