// Loads every case of the corpus and writes what became of each as one JSON line: the child process of the corpus' test, so that a hang or a
// crash ends this process and not the test.
import { readCorpus } from './corpus.ts';
import { outcomeOf } from './outcome.ts';

for (const [index, { text }] of readCorpus().entries()) {
  const { refused, fault, cpuMs } = outcomeOf(text);
  process.stdout.write(`${JSON.stringify({ index, refused, fault, cpuMs, rssMiB: process.memoryUsage().rss / 2 ** 20 })}\n`);
}
