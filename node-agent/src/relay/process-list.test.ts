import test from 'ava';
import { depthOf, type ProcessFacts, type ProcessTexts, processList } from './process-list.ts';

const facts: ProcessFacts = {
  bootSeconds: 1_000,
  nowMs: 2_000_000,
  namespaceDepth: 2,
  userName: (uid) => (uid === 100_000 ? 'root' : String(uid)),
  startText: (atMs) => String(atMs),
};

interface Wish {
  readonly pid: number;
  readonly parent: number;
  readonly inside: number;
  readonly name?: string;
  readonly cmdline?: string;
  readonly tty?: number;
  readonly ticks?: number;
  readonly startTicks?: number;
}

const texts = ({ pid, parent, inside, name = 'sh', cmdline = 'sh\0', tty = 0, ticks = 0, startTicks = 50_000 }: Wish): ProcessTexts => ({
  pid,
  stat: `${pid} (${name}) S ${parent} 1 1 ${tty} 1 0 0 0 0 0 ${ticks} 0 0 0 20 0 1 0 ${startTicks} 0 0\n`,
  status: `Name:\t${name}\nUid:\t100000\t100000\t100000\t100000\nNSpid:\t${pid}\t${inside}\n`,
  cmdline,
});

const cells = (...wishes: readonly Wish[]) => processList(wishes.map(texts), facts).rows.map((row) => row.cells);

test('numbers are those inside, a parent outside is nobody, and the host’s number stands beside', (t) => {
  t.deepEqual(cells({ pid: 4_002, parent: 4_001, inside: 7, cmdline: 'sleep\u00001\0' }, { pid: 4_001, parent: 900, inside: 1 }), [
    ['root', '1', '0', '0', '1500000', '?', '00:00:00', 'sh', '4001'],
    ['root', '7', '1', '0', '1500000', '?', '00:00:00', 'sleep 1', '4002'],
  ]);
});

test('a name with blanks and parentheses does not shift the fields; without a command line it stands for it', (t) => {
  const [row] = cells({ pid: 5, parent: 1, inside: 2, name: 'a) S 9 (b', cmdline: '', tty: 34_816 + 3, ticks: 6_700 });
  t.deepEqual(row, ['root', '2', '0', '13', '1500000', 'pts/3', '00:01:07', '[a) S 9 (b]', '5']);
});

test('hours and days of CPU time are written out', (t) => {
  t.deepEqual(
    [100 * 3_600 * 5, 100 * 86_400 * 2 + 100 * 3_661].map((ticks) => cells({ pid: 5, parent: 1, inside: 2, ticks })[0]?.[6]),
    ['05:00:00', '2-01:01:01'],
  );
});

test('what is not the text of a process is left out', (t) => {
  t.deepEqual(processList([{ pid: 1, stat: '', status: '', cmdline: '' }], facts).rows, []);
});

test('how deep the namespaces are is read from the status', (t) => {
  t.is(depthOf('NSpid:\t10\t5\t1\n'), 3);
  t.is(depthOf('Name:\tsh\n'), 1);
});

test('a command whose title holds empty words keeps them', (t) => {
  t.is(cells({ pid: 5, parent: 1, inside: 2, cmdline: 'a\0\0b\0' })[0]?.[7], 'a  b');
});
