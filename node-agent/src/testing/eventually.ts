/** Far more than anything here takes, so that only a condition that never comes runs into it. */
const limitMs = 20_000;

/** Resolves as soon as it holds. Lets everything else run in between, and sleeps nowhere. */
export const eventually = async (what: string, holds: () => boolean): Promise<void> => {
  const deadline = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`it did not come to pass: ${what}`);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
};
