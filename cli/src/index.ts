/** The command line as a function: `run(argv, io)` resolves with the exit code. */
export { exitCodes } from './exit-codes.ts';
export { flushed, type Input, type Io, type Output, processIo } from './io.ts';
export { run } from './program.ts';
