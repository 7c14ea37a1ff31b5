// Runs the test layers and ends with `N passed, N failed`: deploy/test.sh starts it once everything is set up.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type Check, consensusChecks, type LayerChoice, labChecks, pureChecks, vmChecks } from './layers.ts';
import { parseTap } from './tap.ts';

const root = join(import.meta.dirname, '../..');

interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

interface Ended {
  readonly output: string;
  readonly stdout: string;
  readonly exitCode: number | undefined;
  /** What ended it; empty: nothing but itself. */
  readonly signal: string;
}

/** npm puts node_modules/.bin first, where `nft` is another program than the host's; of ours the tests need node alone. */
const testPath = (path: string): string =>
  [join(root, 'node_modules/node/bin'), ...path.split(':').filter((folder) => !folder.endsWith('/node_modules/.bin'))].join(':');

/** The process group of the check that runs: each file of tests has a process of its own, and none may outlive its check. */
let group: number | undefined;

const signalGroup = (signal: NodeJS.Signals): void => {
  if (group === undefined) return;
  try {
    process.kill(-group, signal);
  } catch (error) {
    // All of it has ended.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

const run = (check: Check): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, check.args, {
      cwd: join(root, check.cwd),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, PATH: testPath(process.env.PATH ?? ''), NO_COLOR: '1' },
    });
    group = child.pid;
    const timer = setTimeout(() => signalGroup('SIGKILL'), check.timeoutMs);
    const stdout: string[] = [];
    const output: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout.push(text);
      output.push(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => output.push(text));
    child.on('error', (error) => output.push(`${error.message}\n`));
    // What it left behind would wait for a word of it, and keep its output open.
    child.on('exit', () => signalGroup('SIGKILL'));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      group = undefined;
      resolve({ output: output.join(''), stdout: stdout.join(''), exitCode: code ?? undefined, signal: signal ?? '' });
    });
  });

const indent = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n');

/** A tool is one check: its exit code decides. */
const judgeTool = (ended: Ended): Outcome => {
  if (ended.exitCode === 0) return { passed: 1, failed: 0 };
  console.log(indent(ended.output));
  return { passed: 0, failed: 1 };
};

/** A test run fails by its tests, and once more when it ended in a way that its tests do not explain. */
const judgeTests = (ended: Ended): Outcome => {
  const report = parseTap(ended.stdout);
  for (const { title, diagnosis } of report.failed) console.log(`    ✘ ${title}\n${indent(diagnosis)}`);
  for (const title of report.skipped) console.log(`    - skipped: ${title}`);
  const crashed = !report.complete || (report.failed.length === 0 && (ended.exitCode !== 0 || report.passed === 0));
  if (crashed)
    console.log(`    ✘ the run ended with ${ended.signal || ended.exitCode} before it said all\n${indent(ended.output.slice(-4_000))}`);
  return { passed: report.passed, failed: report.failed.length + (crashed ? 1 : 0) };
};

const perform = async (check: Check): Promise<Outcome> => {
  const startedAt = performance.now();
  const ended = await run(check);
  const outcome = check.kind === 'tool' ? judgeTool(ended) : judgeTests(ended);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  const verdict = outcome.failed === 0 ? '✔' : '✘';
  const counts = check.kind === 'tool' ? '' : `${outcome.passed} passed, ${outcome.failed} failed, `;
  console.log(`  ${verdict} ${check.name} (${counts}${seconds} s)`);
  return outcome;
};

const hasTests = (folder: string): boolean => globSync('**/*.test.ts', { cwd: join(root, folder) }).length > 0;

/** Names of the tests of a folder, sorted. */
const filesIn = (folder: string, ending: string): readonly string[] => globSync(`*${ending}`, { cwd: join(root, folder) }).sort();

const privilegedChecks = (choice: LayerChoice): readonly Check[] => {
  const labFiles = filesIn('test/lab', '.lab.test.ts');
  const vmFiles = filesIn('test/vm', '.vm.test.ts');
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    console.log(
      `not run: the lab (${labFiles.length} files in test/lab: real containers, networks and mounts) and the vm. They need root on Linux: sudo npm test`,
    );
    return [];
  }
  const lab = choice === 'vm' ? [] : labChecks(labFiles);
  if (choice === 'lab') return lab;
  if (process.arch !== 'x64') {
    console.log('not run: the vm (test/vm: a second kernel with control groups of version 2). It needs an amd64 machine');
    return lab;
  }
  if (choice === 'all' && process.env.TSO_SKIP_VM === '1') {
    console.log('not run: the vm (test/vm: a second kernel with control groups of version 2), because TSO_SKIP_VM is 1');
    return lab;
  }
  return [...lab, ...vmChecks(vmFiles)];
};

const checksOf = (choice: LayerChoice): readonly Check[] => {
  const pure = choice === 'all' || choice === 'pure' ? pureChecks(hasTests) : [];
  const consensus = choice === 'all' || choice === 'consensus' ? consensusChecks(filesIn('test/consensus', '.test.ts')) : [];
  const privileged = choice === 'pure' || choice === 'consensus' ? [] : privilegedChecks(choice);
  return [...pure, ...consensus, ...privileged];
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    signalGroup(signal);
    process.exit(128 + (signal === 'SIGINT' ? 2 : 15));
  });
}

const checks = checksOf((process.argv[2] ?? 'all') as LayerChoice);
let passed = 0;
let failed = 0;
for (const check of checks) {
  const outcome = await perform(check);
  passed += outcome.passed;
  failed += outcome.failed;
}
if (checks.length === 0) failed += 1;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
