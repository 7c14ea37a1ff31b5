// Looks for compose files that are read badly: damages good ones by a seed and loads what comes out. A file that makes the reader throw,
// say nothing sensible or take long is a find; one that is refused in a way no case of the corpus is yet joins it, cut down to what matters.
//
//   node test/fuzz/compose/main.ts --seed 1 --runs 5000          report
//   node test/fuzz/compose/main.ts --seed 1 --runs 5000 --keep   and write the corpus
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { corpusFile, readCorpus } from './corpus.ts';
import { goodFiles } from './good-files.ts';
import { minimised, mutate, randomOf } from './mutations.ts';
import { outcomeOf } from './outcome.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, runs: { type: 'string', default: '1000' }, keep: { type: 'boolean', default: false } },
});

/** Longer than any file of this size may take; such a case is a find of its own. */
const slowMs = 1000;

const corpus = [...readCorpus()];
const known = new Set(corpus.map(({ text }) => outcomeOf(text).signature));
const random = randomOf(Number(values.seed));
let refused = 0;
let faults = 0;
for (let run = 0; run < Number(values.runs); run++) {
  const good = goodFiles[Math.floor(random() * goodFiles.length)] ?? '';
  const text = mutate(good, random);
  const outcome = outcomeOf(text);
  if (outcome.refused) refused += 1;
  const isFault = outcome.fault !== undefined || outcome.cpuMs > slowMs;
  if (isFault) {
    faults += 1;
    console.log(`run ${run}: ${outcome.fault ?? `${Math.round(outcome.cpuMs)} ms`}\n${text}\n`);
  }
  if (known.has(outcome.signature) || (!outcome.refused && !isFault)) continue;
  known.add(outcome.signature);
  const small = minimised(text, (candidate) => outcomeOf(candidate).signature === outcome.signature);
  corpus.push({ seed: Number(values.seed), run, text: small });
}
console.log(`${values.runs} files, ${refused} refused, ${faults} faults; ${corpus.length} cases in the corpus`);
if (values.keep) writeFileSync(corpusFile, corpus.map((one) => `${JSON.stringify(one)}\n`).join(''));
process.exitCode = faults > 0 ? 1 : 0;
