import { runCommand } from '../host-command.ts';

/** Loads a rule set into the host's namespace, as one transaction. */
export const loadRules = async (text: string): Promise<void> => {
  await runCommand('nft', ['-f', '-'], { input: text });
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

/** What a table is to be, asked when a run begins. */
export interface RulesSource {
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
      try {
        if (this.#unknown || batch.some(({ whole }) => whole) || !(await this.#patched())) await this.#replace();
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#running = false;
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
