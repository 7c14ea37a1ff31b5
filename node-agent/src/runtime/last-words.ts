/**
 * What a command wrote last on its terminal, when it ended before crun looked for the first time: crun puts that into its log instead of on the
 * terminal, by default with the time before it and in red. Into a file it writes it as it is, a line for each piece that it read.
 * (crun 1.8: wait_for_process, flush_fd_to_err, log_write_to_stream.)
 */
export const crunLogArgs = (file: string): readonly string[] => ['--log', `file:${file}`];

/** crun reads into a buffer of 256 bytes and ends it with a zero. */
const pieceBytes = 255;
const newline = 0x0a;

/** The pieces of such a log, put together again. What crun itself complained about is a piece too. */
export const lastWordsIn = (log: Uint8Array): Buffer => {
  const pieces: Uint8Array[] = [];
  let start = 0;
  while (log[start + pieceBytes] === newline) {
    pieces.push(log.subarray(start, start + pieceBytes));
    start += pieceBytes + 1;
  }
  const end = log.at(-1) === newline ? -1 : undefined;
  pieces.push(log.subarray(start).subarray(0, end));
  return Buffer.concat(pieces);
};
