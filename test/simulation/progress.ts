/** Writes how far a long run is to stderr: again and again into one line of a terminal, else a line now and then. */
export const progressLine = (total: number, now: () => number): ((done: number) => void) => {
  const isTerminal = process.stderr.isTTY === true;
  const everyMs = isTerminal ? 500 : 30_000;
  const began = now();
  let next = began + everyMs;
  return (done) => {
    const at = now();
    if (at < next || done === total) {
      if (done === total && isTerminal && at - began > everyMs) process.stderr.write('\r\x1b[K');
      return;
    }
    next = at + everyMs;
    const rate = (done * 1000) / (at - began);
    const text = `${done} of ${total} seeds, ${rate.toFixed(1)} per second, ${Math.ceil((total - done) / rate)} s to go`;
    process.stderr.write(isTerminal ? `\r\x1b[K${text}` : `${text}\n`);
  };
};
