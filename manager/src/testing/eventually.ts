/** Far more than anything here takes, on a busy machine too: only what never comes runs into it. */
const limitMs = 40_000;

/** What is looked for, as soon as it is there: anything but false and undefined. */
export const eventually = async <T>(what: string, look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> => {
  for (const end = performance.now() + limitMs; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`it did not come to pass: ${what}`);
  }
};
