import { open, rm, statfs } from 'node:fs/promises';
import { type Clock, TsoError } from '@tso/proto';
import { runCommand } from '../host-command.ts';
import { JobShell } from './job-shell.ts';
import { lookMark } from './task-look.ts';

/** f_type of the file system that namespace files are on (linux/magic.h, NSFS_MAGIC). */
const nsfsMagic = 0x6e736673;

/** Whether a namespace is bound to the file; false too when there is no file. */
export const isNamespace = async (file: string): Promise<boolean> => {
  try {
    return (await statfs(file)).type === nsfsMagic;
  } catch {
    // Not there: no namespace.
    return false;
  }
};

export type SysctlValue = readonly [path: string, value: string];

/** What a namespace is made with. */
export interface NamespaceContents {
  /** Settings the kernel lacks are passed over. */
  readonly sysctls: readonly SysctlValue[];
  /** Lines for `ip -batch` in our own namespace. */
  readonly links: readonly string[];
  /** For `ip -batch` inside, before all else there: rules name interfaces, which have to be called so. */
  readonly names: readonly string[];
  /** For `ip -batch` inside, */
  readonly addresses: readonly string[];
  /** for `ip -6 -batch` inside, */
  readonly rules6: readonly string[];
  /** and the text for `nft -f` inside. */
  readonly rules: string;
}

/** What is asked of a namespace. */
export interface LookWish {
  readonly six: boolean;
  readonly sysctls: readonly SysctlValue[];
  readonly tables: readonly string[];
}

/** Lines as one field, which the script takes apart again. */
const listed = (lines: readonly string[]): string => {
  const bad = lines.find((line) => line.includes('|'));
  if (bad !== undefined) throw new TsoError('INVALID_ARGUMENT', `"${bad}" has a bar, which has no place there`);
  return lines.join('|');
};

/** Constants: whatever is to be said to them goes in as arguments and standard input, which the shell does not read as its own language. */
const writeSysctls = 'while [ $# -gt 1 ]; do { echo "$2" > "/proc/sys/$1"; } 2>/dev/null || :; shift 2; done';

/** Interfaces and rules at the same time, since `nft` waits for the kernel most of its time. */
const makeScript = `
host=$1 links=$2 names=$3 addresses=$4 rules6=$5
shift 5
${writeSysctls}
set -f
IFS='|'
if [ -n "$links" ]; then
printf '%s\\n' $links | nsenter --net="$host" ip -batch - || exit
fi
if [ -n "$names" ]; then
printf '%s\\n' $names | ip -batch - || exit
fi
printf '%s\\n' $addresses | ip -batch - &
first=$!
if [ -n "$rules6" ]; then
printf '%s\\n' $rules6 | ip -6 -batch - || exit
fi
nft -f - || exit
wait "$first"
`;

const lookScript = `
six=$1
shift
printf 'address show\\nroute show table all\\nrule show\\n' | ip -json -batch -
echo '${lookMark}'
if [ "$six" = yes ]; then ip -6 -json rule show; fi
echo '${lookMark}'
cd /proc/sys && grep -s '' /dev/null "$@"
echo '${lookMark}'
while read -r table; do nft -s "$table" 2>/dev/null; done
:
`;

const shellScript = `
make=$1 look=$2
work() {
verb=$1 file=$2
shift 2
case $verb in
make) unshare --net="$file" sh -c "$make" tso "$@" ;;
look) nsenter --net="$file" sh -c "$look" tso "$@" ;;
load) nsenter --net="$file" nft -f - ;;
remove) umount --lazy "$file" ;;
esac
}
`;

/** Namespaces of tasks, each bound to a file. */
export class Namespaces {
  readonly #shell: JobShell;

  constructor(options: { readonly dir: string }, ports: { readonly clock: Clock }) {
    const programs = ['unshare', 'nsenter', 'umount', 'ip', 'nft'];
    this.#shell = new JobShell({ dir: options.dir, script: shellScript, args: [makeScript, lookScript], programs }, ports);
  }

  start(): Promise<void> {
    return this.#shell.start();
  }

  stop(): void {
    this.#shell.stop();
  }

  /** Makes a namespace bound to the file, with all that is in it. The first program that fails ends it, and says why. */
  async make(file: string, contents: NamespaceContents): Promise<void> {
    const { sysctls, links, names, addresses, rules6, rules } = contents;
    const handle = await open(file, 'wx', 0o600);
    await handle.close();
    const batches = [links, names, addresses, rules6].map(listed);
    await this.#shell.run({ fields: ['make', file, `/proc/${process.pid}/ns/net`, ...batches, ...sysctls.flat()], input: rules });
  }

  /** What a namespace has, as the programs print it: equal when nothing changed. For parseTaskLook. */
  look(file: string, { six, sysctls, tables }: LookWish): Promise<string> {
    const input = tables.map((table) => `list table ${table}\n`).join('');
    return this.#shell.run({ fields: ['look', file, six ? 'yes' : 'no', ...sysctls.map(([path]) => path)], input, output: true });
  }

  /** Loads a rule set inside, as one transaction. */
  async load(file: string, rules: string): Promise<void> {
    await this.#shell.run({ fields: ['load', file], input: rules });
  }

  /** Unbinds and removes the file; the namespace ends with its last process. Nothing happens when it is not there. */
  async remove(file: string): Promise<void> {
    // Lazily: a file that someone has open just now must not keep the task's address busy.
    if (await isNamespace(file)) await this.#shell.run({ fields: ['remove', file] });
    await rm(file, { force: true });
  }
}

/** Writes sysctls inside a namespace; those that the kernel lacks or refuses are passed over. */
export const putSysctls = async (file: string, sysctls: readonly SysctlValue[]): Promise<void> => {
  if (sysctls.length > 0) await runCommand('nsenter', [`--net=${file}`, 'sh', '-c', writeSysctls, 'tso', ...sysctls.flat()]);
};

/** Sets sysctls inside a namespace; fails on the first that the kernel lacks or refuses. */
export const setSysctls = async (file: string, sysctls: readonly string[]): Promise<void> => {
  await runCommand('nsenter', [`--net=${file}`, 'sysctl', '-q', '-w', ...sysctls]);
};

/** Loads a rule set in a namespace made for the occasion: whether the kernel can do what it says. */
export const rulesLoad = async (rules: string): Promise<boolean> => {
  try {
    await runCommand('unshare', ['--net', 'nft', '-f', '-'], { input: rules });
    return true;
  } catch {
    // The only question asked is whether it loads.
    return false;
  }
};
