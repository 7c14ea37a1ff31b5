/** What one line of the test run does. */
export interface Check {
  readonly name: string;
  readonly kind: 'tool' | 'ava';
  /** Folder below the root in which it runs. */
  readonly cwd: string;
  /** Arguments of node: the script first. */
  readonly args: readonly string[];
  /** Killed and counted as failed after this long. */
  readonly timeoutMs: number;
}

export type LayerChoice = 'all' | 'pure' | 'consensus' | 'lab' | 'vm';

const tsc = '../node_modules/typescript/bin/tsc';
const ava = '../node_modules/ava/entrypoints/cli.js';
const minuteMs = 60_000;

/** The packages of the workspace whose unit tests lie beside their subjects. */
export const unitPackages = ['proto', 'compose', 'manager', 'node-agent', 'cli', 'deploy'] as const;

const packages = [...unitPackages, 'test'];

const typecheck = (name: string): Check => ({
  name: `types of ${name}`,
  kind: 'tool',
  cwd: name,
  args: [tsc, '-p', '.'],
  timeoutMs: 5 * minuteMs,
});

const avaRun = (name: string, cwd: string, patterns: readonly string[], timeoutMs: number): Check => ({
  name,
  kind: 'ava',
  cwd,
  args: [ava, '--tap', ...patterns],
  timeoutMs,
});

/** Checks that need neither root nor a particular kernel, cheapest first. */
export const pureChecks = (hasTests: (folder: string) => boolean): readonly Check[] => [
  {
    name: 'style (biome)',
    kind: 'tool',
    cwd: '.',
    args: ['node_modules/@biomejs/biome/bin/biome', 'check', '--diagnostic-level=warn', '.'],
    timeoutMs: 5 * minuteMs,
  },
  ...packages.map(typecheck),
  avaRun('architecture (test/tidy)', 'test', ['tidy/**/*.test.ts'], 5 * minuteMs),
  ...unitPackages.filter((name) => hasTests(`${name}/src`)).map((name) => avaRun(`unit tests of ${name}`, name, [], 15 * minuteMs)),
  ...['conformance', 'scenario', 'planner', 'linearizability', 'security']
    .filter((name) => hasTests(`test/${name}`))
    .map((name) => avaRun(name, 'test', [`${name}/**/*.test.ts`], 15 * minuteMs)),
];

/** Clusters of managers, simulated and as processes: no root, but minutes. The processes one test at a time, since each needs its time. */
export const consensusChecks = (consensusFiles: readonly string[]): readonly Check[] => [
  avaRun('simulation', 'test', ['simulation/**/*.test.ts'], 15 * minuteMs),
  ...consensusFiles.map((file) =>
    avaRun(`consensus: ${file.replace('.test.ts', '')}`, 'test', ['--serial', '--concurrency=1', `consensus/${file}`], 15 * minuteMs),
  ),
];

/** Real containers, namespaces and mounts: root on Linux. One file at a time, one test at a time. */
export const labChecks = (labFiles: readonly string[]): readonly Check[] =>
  labFiles.map((file) =>
    avaRun(`lab: ${file.replace('.lab.test.ts', '')}`, 'test', ['--serial', '--concurrency=1', `lab/${file}`], 15 * minuteMs),
  );

/** A guest with another kernel and control groups of version 2: root on Linux, amd64. Its own limits are shorter and say what they waited for. */
export const vmChecks = (vmFiles: readonly string[]): readonly Check[] =>
  vmFiles.map((file) => avaRun(`vm: ${file.replace('.vm.test.ts', '')}`, 'test', ['--serial', `vm/${file}`], 15 * minuteMs));
