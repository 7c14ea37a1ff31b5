import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Rounds between searches for the processes of namespaces that had none. */
const searchRounds = 6;

/** The columns of ipv6_route that count users are left out: references and uses (Documentation of proc(5) has them as the 7th and 8th). */
const steadyRoutes6 = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.split(/ +/).toSpliced(6, 2).join(' '))
    .join('\n');

/**
 * What can be seen of network namespaces without a process for each: /proc/PID/net of a process that lives in one shows its addresses and routes. It shows
 * neither rules nor settings nor MAC addresses. A look costs a hundredth of one by programs. Read at once, not in turns: these files never wait for a disk.
 */
export class TaskGlances {
  readonly #proc: string;
  /** Process that was in the namespace last, by its file. */
  readonly #pids = new Map<string, string>();
  /** Files whose process was searched for in vain. */
  readonly #lone = new Set<string>();
  #rounds = 0;

  constructor(options: { /** @default '/proc' */ readonly proc?: string } = {}) {
    this.#proc = options.proc ?? '/proc';
  }

  /**
   * Texts by namespace file: equal as long as addresses and routes are. Those are missing in which no process is found; for a new one this is looked for at
   * once, for others every half minute.
   */
  look(files: readonly string[]): ReadonlyMap<string, string> {
    this.#rounds += 1;
    if (this.#rounds % searchRounds === 0) this.#lone.clear();
    for (const known of [...this.#pids.keys(), ...this.#lone]) if (!files.includes(known)) this.#forget(known);
    const links = new Map(files.flatMap((file) => linkOf(file).map((link) => [file, link] as const)));
    const searched = [...links].filter(([file, link]) => !this.#isThere(file, link) && !this.#lone.has(file));
    if (searched.length > 0) this.#search(new Map(searched.map(([file, link]) => [link, file])));
    return new Map([...links.keys()].flatMap((file) => this.#read(file).map((text) => [file, text] as const)));
  }

  #forget(file: string): void {
    this.#pids.delete(file);
    this.#lone.delete(file);
  }

  #isThere(file: string, link: string): boolean {
    const pid = this.#pids.get(file);
    if (pid !== undefined && this.#linkOfProcess(pid) === link) return true;
    this.#pids.delete(file);
    return false;
  }

  #search(files: ReadonlyMap<string, string>): void {
    for (const file of files.values()) this.#lone.add(file);
    for (const pid of readdirSync(this.#proc)) {
      if (!/^\d+$/.test(pid)) continue;
      const file = files.get(this.#linkOfProcess(pid));
      if (file === undefined) continue;
      this.#pids.set(file, pid);
      this.#lone.delete(file);
    }
  }

  #linkOfProcess(pid: string): string {
    try {
      return readlinkSync(join(this.#proc, pid, 'ns', 'net'));
    } catch {
      // It has ended.
      return '';
    }
  }

  /** None when the process ended meanwhile. */
  #read(file: string): readonly string[] {
    const pid = this.#pids.get(file);
    if (pid === undefined) return [];
    const net = (name: string): string => readFileSync(join(this.#proc, pid, 'net', name), 'utf8');
    try {
      return [[net('route'), net('fib_trie'), this.#six(net)].join('\n')];
    } catch {
      this.#pids.delete(file);
      return [];
    }
  }

  #six(net: (name: string) => string): string {
    try {
      return `${net('if_inet6')}\n${steadyRoutes6(net('ipv6_route'))}`;
    } catch {
      // A kernel without IPv6, or the process ended: then the other files are gone as well.
      return '';
    }
  }
}

/** What a process in the namespace that is bound to the file has as `ns/net`; none when there is no such file. */
const linkOf = (file: string): readonly string[] => {
  try {
    return [`net:[${statSync(file).ino}]`];
  } catch {
    return [];
  }
};
