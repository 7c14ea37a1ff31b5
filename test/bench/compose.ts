// How long compose files take: the program on 30 services, loading 1,000 services, and whether reading grows with the text alone. Every figure
// stands beside what the same machine needs for the least there is: starting node, and a plain parse by the yaml package.
//
//   node cli/build.ts && node test/bench/compose.ts [--runs 7]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { load } from '@tso/compose';
import { parse } from 'yaml';
import { Report } from '../../compose/src/diagnostics.ts';
import { parseText } from '../../compose/src/parse.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '7' } } });
const runs = Number(values.runs);
const folder = mkdtempSync(join(tmpdir(), 'tso-bench-compose-'));
const program = join(import.meta.dirname, '../../cli/dist/tso.mjs');

/** A service as people write them: 35 values. */
const service = (index: number): string => `  svc${index}:
    image: registry.example.com/team/app${index}:1.2.${index}
    command: ["serve", "--port", "80"]
    environment: {A: "value \${HOME}", LOG_LEVEL: info, DB_URL: "postgres://db:5432/x"}
    ports: ["${8000 + index}:80"]
    volumes: [data:/var/lib/data, ./conf:/etc/conf:ro]
    networks: [front, back]
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost"]
      interval: 10s
    deploy:
      replicas: 2
      update_config: {parallelism: 1, delay: 5s}
      resources: {limits: {cpus: "0.5", memory: 64M}}
    labels: [com.example.team=core]
`;

const project = (services: number): string =>
  `name: bench\nservices:\n${Array.from({ length: services }, (_, index) => service(index)).join('')}networks: {front: {}, back: {}}\nvolumes: {data: {}}\n`;

/** A project whose configs fill it up to a size: as large a file as may be, and still one that loads. */
const filled = (bytes: number): string => {
  const line = `      ${'word '.repeat(24)}\n`;
  const config = (index: number): string => `  c${index}:\n    content: |\n${line.repeat(2000)}`;
  return `name: bench\nservices: {a: {image: i}}\nconfigs:\n${Array.from({ length: Math.floor(bytes / config(0).length) }, (_, index) => config(index)).join('')}`;
};

const median = (found: readonly number[]): number => found.toSorted((a, b) => a - b)[Math.floor(found.length / 2)] ?? 0;

/** Wall time of each run in turn, so that what else the machine does falls on all alike. */
const measured = (works: Readonly<Record<string, () => unknown>>): ReadonlyMap<string, number> => {
  const found = new Map<string, number[]>(Object.keys(works).map((name) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const [name, work] of Object.entries(works)) {
      const start = performance.now();
      work();
      found.get(name)?.push(performance.now() - start);
    }
  }
  return new Map([...found].map(([name, times]) => [name, median(times)]));
};

const run = (...args: readonly string[]): void => {
  const done = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${args.join(' ')}: ${done.stderr}`);
};

const ms = (value: number): string => `${value.toFixed(0).padStart(6)} ms`;

const processes = (): void => {
  writeFileSync(join(folder, 'thirty.yaml'), project(30));
  const found = measured({ node: () => run('-e', '0'), config: () => run(program, 'config', '-f', 'thirty.yaml') });
  const [node = 0, config = 0] = found.values();
  console.log(
    `tso config of 30 services  ${ms(config)}   node -e 0 ${ms(node)}   ratio ${(config / node).toFixed(1)}   (wanted: below 150 ms)`,
  );
};

const thousand = async (): Promise<void> => {
  const text = project(1000);
  writeFileSync(join(folder, 'thousand.yaml'), text);
  const loads: number[] = [];
  const parses: number[] = [];
  for (let count = 0; count < runs; count++) {
    const start = performance.now();
    const result = await load({ files: ['thousand.yaml'], cwd: folder, env: { HOME: '/root' } });
    loads.push(performance.now() - start);
    if (!result.ok || result.spec.services.length !== 1000) throw new Error('the project of 1,000 services did not load');
    const plain = performance.now();
    parse(text);
    parses.push(performance.now() - plain);
  }
  const [first = 0, plainFirst = 0] = [loads[0], parses[0]];
  console.log(
    `loading 1,000 services     ${ms(first)}   yaml.parse ${ms(plainFirst)}   ratio ${(first / plainFirst).toFixed(1)}   the first time (wanted: below 1,000 ms)`,
  );
  console.log(
    `                           ${ms(median(loads))}   yaml.parse ${ms(median(parses))}   ratio ${(median(loads) / median(parses)).toFixed(1)}   median of ${runs}`,
  );
};

const growth = (): void => {
  const mib = 1024 * 1024;
  for (const size of [0.625, 1.25, 2.5, 5, 9.9]) {
    const text = filled(size * mib);
    const found = measured({
      ours: () => {
        const report = new Report();
        if (parseText(text, 'bench', report) === undefined) throw new Error(report.all()[0]?.message);
      },
      plain: () => parse(text),
    });
    const [ours = 0, plain = 0] = found.values();
    console.log(
      `parsing ${(text.length / mib).toFixed(2).padStart(5)} MiB          ${ms(ours)}   yaml.parse ${ms(plain)}   ratio ${(ours / plain).toFixed(1)}   ${(ours / (text.length / mib)).toFixed(1)} ms a MiB`,
    );
  }
};

try {
  processes();
  await thousand();
  growth();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
