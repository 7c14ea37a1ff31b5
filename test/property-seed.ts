import fc from 'fast-check';

/**
 * Property tests try the same cases on every run, so that what is red stays red until it is mended.
 * `FC_SEED=$RANDOM npm test -- pure` explores others; a failure prints its seed and path.
 */
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_261_121) });
