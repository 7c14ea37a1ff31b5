import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, renderDiagnostic } from '@tso/compose';
import test from 'ava';
import { readCorpus } from '../fuzz/compose/corpus.ts';

/** Broken files, loaded by a process of its own: it must end by itself, with messages, within bounds of memory and processor time. */

const programs = join(import.meta.dirname, '../fuzz/compose');
const folder = mkdtempSync(join(tmpdir(), 'tso-bad-input-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

/** Hangs end here; far above what a busy machine needs for any of them. */
const hangMs = 150_000;
const maxCpuMs = 2000;
/** The program itself is about 60 MiB before it reads anything, and may have 200. */
const maxOwnMiB = 140;

interface CaseOutcome {
  readonly index: number;
  readonly refused: boolean;
  readonly fault?: string;
  readonly cpuMs: number;
  readonly rssMiB: number;
}

const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

test('every broken file of the corpus is refused in words, at a place, within bounds', (t) => {
  const corpus = readCorpus();
  t.true(corpus.length >= 300, `${corpus.length} cases`);
  const child = spawnSync(process.execPath, [join(programs, 'load-cases.ts')], { encoding: 'utf8', timeout: hangMs, maxBuffer: 2 ** 26 });
  t.is(child.status, 0, child.stderr.slice(-2000));
  const outcomes = lines(child.stdout).map((line) => JSON.parse(line) as CaseOutcome);
  t.is(outcomes.length, corpus.length);
  const wrong = outcomes.filter(({ refused, fault, cpuMs }) => !refused || fault !== undefined || cpuMs > maxCpuMs);
  t.deepEqual(
    wrong.map((one) => ({ ...one, text: corpus[one.index]?.text })),
    [],
  );
});

interface FileOutcome {
  readonly ok: boolean;
  readonly codes: readonly string[];
  readonly said: string;
  readonly rssMiB: number;
  readonly cpuMs: number;
}

const outcomeOfFile = (path: string): FileOutcome => {
  const child = spawnSync(process.execPath, [join(programs, 'load-file.ts'), path], {
    cwd: folder,
    encoding: 'utf8',
    timeout: hangMs,
    maxBuffer: 2 ** 26,
  });
  if (child.status !== 0) throw new Error(`${path}: ended with ${child.status ?? child.signal}: ${child.stderr.slice(-2000)}`);
  return JSON.parse(child.stdout) as FileOutcome;
};

const written = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return name;
};

const mib = 1024 * 1024;
const service = 'services: {a: {image: i}}\n';

/** Texts of 10 MiB, and smaller ones that cost more than their length, with the code each is refused with. */
const texts: Readonly<Record<string, readonly [string, () => string]>> = {
  'comments alone': ['E112', () => '# x\n'.repeat(2.5 * mib - 1)],
  'blank lines': ['E112', () => '\n'.repeat(10 * mib)],
  'opening brackets': ['E112', () => '['.repeat(10 * mib)],
  'a list of millions': ['E112', () => `x-a:\n${'- a\n'.repeat(2.5 * mib - 2)}`],
  'a flow list of millions': ['E112', () => `x-a: [${'a,'.repeat(5 * mib - 4)}]`],
  'a mapping of hundreds of thousands': [
    'E112',
    () => `x-a:\n${Array.from({ length: 600_000 }, (_, index) => `  k${index}: v\n`).join('')}`,
  ],
  'one long text': ['E112', () => `${service}x-a: "${'y'.repeat(10 * mib - 40)}"`],
  'one text of millions of lines': ['E112', () => `${service}x-a:\n${'  y z\n'.repeat(1.6 * mib)}`],
  'question marks': ['E112', () => '? '.repeat(5 * mib)],
  'a million documents': ['E112', () => '---\na: b\n'.repeat(mib)],
  'two documents': ['E115', () => `${service}---\n${service}`],
  'a NUL byte': ['E110', () => 'services:\n  a:\n    image: "i\0"\n'],
  'nesting by indentation': ['E110', () => Array.from({ length: 4000 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')],
  'nested expressions': ['E120', () => `${service}x-a: "${'${A:-'.repeat(20_000)}${'}'.repeat(20_000)}"`],
  'expressions that do not end': ['E120', () => `${service}x-a: "${'${A '.repeat(200_000)}"`],
  'a chain of extends': [
    'E140',
    () => `services:\n  s0: {image: i}\n${Array.from({ length: 3000 }, (_, index) => `  s${index + 1}: {extends: s${index}}\n`).join('')}`,
  ],
  'ranges of all ports': ['E204', () => `services: {a: {image: i, ports: [${'"1-65535:1-65535",'.repeat(5000)}]}}`],
  'slips among thousands of names': [
    'E301',
    () => `services:\n${Array.from({ length: 1500 }, (_, index) => `  service${index}: {image: i, links: [servise${index}x]}\n`).join('')}`,
  ],
  'aliases of thousands of names that are not there': [
    'E110',
    () => `x-a:\n${Array.from({ length: 6000 }, (_, index) => ` - ${index < 3000 ? '&anchor' : '*ancher'}${index}\n`).join('')}`,
  ],
  'slips beside a name of a million letters': [
    'E301',
    () =>
      `services:\n  ? ${'s'.repeat(mib)}\n  : {image: i}\n${Array.from({ length: 1000 }, (_, index) => `  s${index}: {image: i, links: [x${index}]}\n`).join('')}`,
  ],
  'an alias bomb': [
    'E112',
    () =>
      `x-0: &a0 [${'x,'.repeat(9)}]\n${[0, 1, 2, 3, 4, 5, 6, 7].map((level) => `x-${level + 1}: &a${level + 1} [${`*a${level},`.repeat(9)}]\n`).join('')}${service}`,
  ],
};

test('ten megabytes of anything, and what costs more than its length, are refused within bounds', (t) => {
  const idle = outcomeOfFile(written('good.yaml', service));
  t.true(idle.ok, idle.said);
  const beyond: unknown[] = [];
  for (const [name, [code, text]] of Object.entries(texts)) {
    const { ok, codes, said, rssMiB, cpuMs } = outcomeOfFile(written('bad.yaml', text()));
    const own = { mib: Math.round(rssMiB - idle.rssMiB), cpuMs: Math.round(cpuMs - idle.cpuMs) };
    t.log(`${name}: ${codes[0]}, ${own.mib} MiB and ${own.cpuMs} ms of processor time beyond a small file`);
    if (ok || codes[0] !== code || said.length > 1_500_000 || own.mib > maxOwnMiB || own.cpuMs > maxCpuMs)
      beyond.push({ name, codes: codes.slice(0, 3), said: said.slice(0, 300), ...own });
  }
  t.deepEqual(beyond, []);
});

/** The same in this process, which costs less than starting one. */
const outcomeHere = async (path: string): Promise<{ readonly codes: readonly string[]; readonly said: string }> => {
  const result = await load({ files: [path], cwd: folder, env: { HOME: '/home/me' } });
  const found = result.ok ? result.warnings : result.diagnostics;
  return { codes: found.map(({ code }) => code), said: found.map((one) => renderDiagnostic(one, { color: false })).join('\n') };
};

test('files that are none, or out of reach, are refused at the place that names them', async (t) => {
  t.is(spawnSync('mkfifo', [join(folder, 'pipe')]).status, 0);
  mkdirSync(join(folder, 'dir'));
  for (const path of ['pipe', 'dir', 'missing', '/dev/zero', '/dev/null']) {
    t.deepEqual((await outcomeHere(path)).codes.slice(0, 1), ['E101'], path);
    const include = await outcomeHere(written('in.yaml', `include: [${path}]\n${service}`));
    t.deepEqual(include.codes, ['E150'], include.said);
    t.regex(include.said, /in\.yaml:1:11/);
    const extended = await outcomeHere(written('ex.yaml', `services:\n  a: {extends: {file: ${path}, service: b}}\n`));
    t.deepEqual(extended.codes, ['E140'], extended.said);
    t.regex(extended.said, /ex\.yaml:2:/);
    const environment = await outcomeHere(written('env.yaml', `services:\n  a: {image: i, env_file: [${path}]}\n`));
    // Both of these are how people say "none".
    if (path === '/dev/null') continue;
    t.deepEqual(environment.codes, ['E101'], environment.said);
    t.regex(environment.said, /env\.yaml:2:/);
  }
  written('c1.yaml', 'include: [c2.yaml]\n');
  const circle = await outcomeHere(written('c2.yaml', `include: [c1.yaml]\n${service}`));
  t.deepEqual(circle.codes, ['E150'], circle.said);
  t.regex(circle.said, /include cycle detected: c2\.yaml -> c1\.yaml -> c2\.yaml/);
  for (const remote of ['https://example.com/x.git', 'git@example.com:x', 'oci://example.com/x'])
    t.deepEqual((await outcomeHere(written('far.yaml', `include: ["${remote}"]\n${service}`))).codes, ['E401'], remote);
});
