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
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** One table, replaced as a whole. Requests that come while nft runs share the next run, which has the newest text. */
export class RulesTable {
  readonly #text: () => string;
  #waiting: Waiting[] = [];
  #running = false;

  /** @param text asked when a run begins */
  constructor(text: () => string) {
    this.#text = text;
  }

  /** Resolves once a text asked for after this call is in the kernel. */
  apply(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await loadRules(this.#text());
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#running = false;
  }
}
