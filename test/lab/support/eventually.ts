/**
 * For how long, unless told otherwise. It bounds what would never come, and measures nothing: what is promised of times is measured by
 * test/bench, and two cores that ten programs want take many times as long as they do when they are free.
 */
const patienceMs = 60_000;
/** How often a condition is looked at. */
const lookEveryMs = 25;

/**
 * Waits until the condition holds (its answer is neither undefined nor false) and returns its answer.
 * Fails at the deadline, saying what was waited for and what was seen last.
 */
export const eventually = async <T>(
  what: string,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = patienceMs,
): Promise<T> => {
  const endAt = performance.now() + deadlineMs;
  let seen: unknown = 'nothing';
  while (performance.now() < endAt) {
    try {
      const answer = await condition();
      if (answer !== undefined && answer !== false) return answer;
      seen = answer;
    } catch (error) {
      seen = error;
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  throw new Error(`waited ${deadlineMs} ms for: ${what} (last seen: ${seen instanceof Error ? seen.message : String(seen)})`);
};
