import { runCommand } from '../host-command.ts';
import { withoutMovedFlows } from './udp-flows.ts';

/** Loads a rule set into the host's namespace, as one transaction. */
export const loadRules = async (text: string): Promise<void> => {
  await runCommand('nft', ['-f', '-'], { input: text });
};

/** Whether this kernel would take a rule set; nothing of it stays. */
export const canLoad = async (text: string): Promise<boolean> => {
  try {
    await runCommand('nft', ['--check', '-f', '-'], { input: text });
    return true;
  } catch {
    // The answer is no: what it lacks is the caller's to do without.
    return false;
  }
};

/** Loads a rule set inside another namespace. */
export const loadRulesIn = async (namespaceFile: string, text: string): Promise<void> => {
  await runCommand('nsenter', [`--net=${namespaceFile}`, 'nft', '-f', '-'], { input: text });
};

/** The base chains of the host's namespace, as JSON. */
export const listChains = async (): Promise<string> => (await runCommand('nft', ['-json', 'list', 'chains'])).stdout;

interface Waiting {
  readonly whole: boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The table as the kernel has it, equal texts for equal tables; empty: it is not there. */
const listTable = async (table: string): Promise<string> => {
  try {
    return withoutMovedFlows((await runCommand('nft', ['--stateless', 'list', 'table', ...table.split(' ')])).stdout);
  } catch {
    // Not there, or not to be read: who loads it again is told why it cannot be.
    return '';
  }
};

/** What a table is to be, asked when a run begins. */
export interface RulesSource {
  /** Family and name: `inet tso`. */
  readonly table: string;
  /** All of it. */
  whole(): string;
  /** Only what changed since the last text of either kind was asked for; empty: nothing; undefined: the whole is needed. */
  patch(): string | undefined;
}

/** One table, replaced as a whole or patched. Requests that come while nft runs share the next run, which has the newest text. */
export class RulesTable {
  readonly #source: RulesSource;
  #waiting: Waiting[] = [];
  #running = false;
  /** Nothing was loaded yet, or it is not known what the kernel has: no patch fits. */
  #unknown = true;
  /** The table as the kernel showed it right after the last run; undefined: not seen yet. */
  #seen: string | undefined;
  /** Runs so far: what was seen before one is no news after it. */
  #runs = 0;

  constructor(source: RulesSource) {
    this.#source = source;
  }

  /** Resolves once a whole text asked for after this call is in the kernel. */
  apply(): Promise<void> {
    return this.#request(true);
  }

  /** The same with only what changed, unless the whole is asked for besides; with the whole where the patch does not fit what somebody else made of the table. */
  patch(): Promise<void> {
    return this.#request(false);
  }

  /** Whether somebody changed the table since it was loaded: then it is loaded anew. Nothing happens before the first load. */
  async verify(): Promise<boolean> {
    if (this.#running || this.#unknown) return false;
    const runs = this.#runs;
    const expected = this.#seen;
    const text = await listTable(this.#source.table);
    if (runs !== this.#runs || this.#running || text === expected) return false;
    if (expected === undefined) this.#seen = text;
    else await this.apply();
    return expected !== undefined;
  }

  #request(whole: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ whole, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      this.#runs += 1;
      this.#seen = undefined;
      try {
        if (this.#unknown || batch.some(({ whole }) => whole) || !(await this.#patched())) await this.#replace();
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#running = false;
    void this.#look();
  }

  /** At once, so that what somebody changes afterwards is noticed. */
  async #look(): Promise<void> {
    const runs = this.#runs;
    const text = await listTable(this.#source.table);
    if (runs === this.#runs && !this.#running) this.#seen = text;
  }

  async #replace(): Promise<void> {
    this.#unknown = true;
    await loadRules(this.#source.whole());
    this.#unknown = false;
  }

  /** Whether the kernel took it; a patch is one transaction, so nothing of a refused one is there. */
  async #patched(): Promise<boolean> {
    const text = this.#source.patch();
    if (text === undefined) return false;
    if (text === '') return true;
    try {
      await loadRules(text);
      return true;
    } catch {
      // Somebody changed the table: the whole sets it right, or says why not.
      return false;
    }
  }
}
