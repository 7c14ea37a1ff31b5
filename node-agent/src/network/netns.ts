import { open, rm, statfs } from 'node:fs/promises';
import { runCommand } from '../host-command.ts';
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

const text = (lines: readonly string[]): string => lines.join('\n');

/**
 * The programs of one namespace are run by one small process of the system's shell. To fork this process of many megabytes takes 5 ms each time,
 * and all that it does waits meanwhile; to fork the shell takes a tenth of that. The scripts are constants: whatever is to be said to them goes in
 * as arguments and standard input, which the shell does not read as its own language.
 */
const writeSysctls = 'while [ $# -gt 1 ]; do { echo "$2" > "/proc/sys/$1"; } 2>/dev/null || :; shift 2; done';

const makeScript = `
host=$1 links=$2 names=$3 addresses=$4 rules6=$5
shift 5
${writeSysctls}
if [ -n "$links" ]; then
nsenter --net="$host" ip -batch - <<END || exit
$links
END
ip -batch - <<END || exit
$names
END
fi
ip -batch - <<END &
$addresses
END
first=$!
if [ -n "$rules6" ]; then
ip -6 -batch - <<END || exit
$rules6
END
fi
nft -f - || exit
wait "$first"
`;

/** Makes a network namespace bound to the file, with all that is in it. The first program that fails ends it, and says why. */
export const makeNamespace = async (file: string, contents: NamespaceContents): Promise<void> => {
  const { sysctls, links, names, addresses, rules6, rules } = contents;
  const handle = await open(file, 'wx', 0o600);
  await handle.close();
  const args = [`/proc/${process.pid}/ns/net`, text(links), text(names), text(addresses), text(rules6), ...sysctls.flat()];
  await runCommand('unshare', [`--net=${file}`, 'sh', '-c', makeScript, 'tso', ...args], { input: rules });
};

/** Writes sysctls inside a namespace; those that the kernel lacks or refuses are passed over. */
export const putSysctls = async (file: string, sysctls: readonly SysctlValue[]): Promise<void> => {
  if (sysctls.length > 0) await runCommand('nsenter', [`--net=${file}`, 'sh', '-c', writeSysctls, 'tso', ...sysctls.flat()]);
};

const lookScript = `
six=$1
shift
ip -json address show
echo '${lookMark}'
ip -json route show table all
echo '${lookMark}'
ip -json rule show
echo '${lookMark}'
if [ "$six" = yes ]; then ip -6 -json rule show; fi
echo '${lookMark}'
cd /proc/sys && grep -s '' /dev/null "$@"
echo '${lookMark}'
while read -r table; do nft -s "$table" 2>/dev/null; done
:
`;

/** What a namespace has, as the programs print it: equal when nothing changed. For parseTaskLook. */
export const lookInto = async (
  file: string,
  wish: { readonly six: boolean; readonly sysctls: readonly SysctlValue[]; readonly tables: readonly string[] },
): Promise<string> => {
  const input = wish.tables.map((table) => `list table ${table}\n`).join('');
  const args = [wish.six ? 'yes' : 'no', ...wish.sysctls.map(([path]) => path)];
  return (await runCommand('nsenter', [`--net=${file}`, 'sh', '-c', lookScript, 'tso', ...args], { input })).stdout;
};

/** Sets sysctls inside a namespace; fails on the first that the kernel lacks or refuses. */
export const setSysctls = async (file: string, sysctls: readonly string[]): Promise<void> => {
  await runCommand('nsenter', [`--net=${file}`, 'sysctl', '-q', '-w', ...sysctls]);
};

/** Unbinds and removes namespace files; their namespaces end with their last process. Nothing happens for those that are not there. */
export const removeNamespaces = async (files: readonly string[]): Promise<void> => {
  const bound: string[] = [];
  for (const file of files) if (await isNamespace(file)) bound.push(file);
  // Lazily: a file that someone has open just now must not keep the task's address busy.
  if (bound.length > 0) await runCommand('umount', ['--lazy', ...bound]);
  await Promise.all(files.map((file) => rm(file, { force: true })));
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
