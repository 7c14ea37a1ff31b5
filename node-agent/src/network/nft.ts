import { sentenceOf } from '@tso/proto';
import { runCommand } from '../host-command.ts';
import { frameOf } from './rules-frame.ts';
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

/** What a table is loaded into. */
export interface RulesKernel {
  /** One transaction: all of it, or a failure that says why not. */
  load(text: string): Promise<void>;
  /** The table as it is, equal texts for equal tables; empty: it is not there. */
  list(table: string): Promise<string>;
}

const hostKernel: RulesKernel = { load: loadRules, list: listTable };

/** One table, replaced as a whole or patched. Requests that come while nft runs share the next run, which has the newest text. */
export class RulesTable {
  readonly #source: RulesSource;
  readonly #kernel: RulesKernel;
  /** Of a predecessor, and not taken over yet. */
  #inherited = false;
  /** Why the last text is not in the kernel; empty: it is. */
  #failure = '';
  #waiting: Waiting[] = [];
  #running = false;
  /** Nothing was loaded yet, or it is not known what the kernel has: no patch fits. */
  #unknown = true;
  /** The table as the kernel showed it first after the last run; undefined: not seen yet. */
  #seen: string | undefined;
  /** The last whole text. */
  #loaded = '';
  /** Runs so far: what was seen before one is no news after it. */
  #runs = 0;

  constructor(source: RulesSource, kernel = hostKernel) {
    this.#source = source;
    this.#kernel = kernel;
  }

  /** A table that is there is a predecessor's, by which containers go on: until `takeOver` nothing is loaded, and requests are as if it were. */
  async start(): Promise<void> {
    this.#inherited = (await this.#kernel.list(this.#source.table)) !== '';
  }

  /** From now on the source knows all that is to be. Loads nothing by itself. */
  takeOver(): void {
    this.#inherited = false;
  }

  /** Why the rules are not as wished, a sentence. */
  get troubles(): readonly string[] {
    return this.#failure === '' ? [] : [`the rules of table ${this.#source.table} cannot be loaded on this host: ${this.#failure}`];
  }

  /** Resolves once a whole text asked for after this call is in the kernel. */
  apply(): Promise<void> {
    return this.#request(true);
  }

  /** The same with only what changed, unless the whole is asked for besides; with the whole where the patch does not fit what somebody else made of the table. */
  patch(): Promise<void> {
    return this.#request(false);
  }

  /**
   * Whether somebody changed the table since it was loaded: then it is loaded anew. Nothing happens before the first load. The first look after a
   * change knows only the frame of the table: to list all of it after each change would take longer than the change (71 ms of processor time with
   * 10,000 tasks). What could not be loaded is tried again.
   */
  async verify(): Promise<boolean> {
    if (this.#running) return false;
    // Why it fails again, if it does, is among the troubles.
    if (this.#failure !== '') await this.apply().catch(() => undefined);
    if (this.#unknown || this.#running) return false;
    const text = await this.#look();
    if (text === undefined) return false;
    const sound = this.#seen === undefined ? frameOf(text) === frameOf(this.#loaded) : text === this.#seen;
    if (sound) {
      this.#seen = text;
      return false;
    }
    await this.apply();
    this.#seen = await this.#look();
    return true;
  }

  /** The table as it is; undefined when it was changed meanwhile by a run. */
  async #look(): Promise<string | undefined> {
    const runs = this.#runs;
    const text = await this.#kernel.list(this.#source.table);
    return runs !== this.#runs || this.#running ? undefined : text;
  }

  #request(whole: boolean): Promise<void> {
    if (this.#inherited) return Promise.resolve();
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
        this.#failure = '';
        for (const { resolve } of batch) resolve();
      } catch (error) {
        this.#failure = sentenceOf(error);
        for (const { reject } of batch) reject(error);
      }
    }
    this.#running = false;
  }

  async #replace(): Promise<void> {
    this.#unknown = true;
    this.#loaded = this.#source.whole();
    await this.#kernel.load(this.#loaded);
    this.#unknown = false;
  }

  /** Whether the kernel took it; a patch is one transaction, so nothing of a refused one is there. */
  async #patched(): Promise<boolean> {
    const text = this.#source.patch();
    if (text === undefined) return false;
    if (text === '') return true;
    try {
      await this.#kernel.load(text);
      return true;
    } catch {
      // Somebody changed the table: the whole sets it right, or says why not.
      return false;
    }
  }
}
