import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { TaskState } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import { build } from 'esbuild';
import { noDevtools } from '../../build.ts';
import { aService, aTask, aView } from '../testing/views.ts';
import { type FollowState, observe, startFollow } from '../view-model/follow.ts';
import { observeProgress, progressScreen, startProgress } from '../view-model/progress.ts';
import { screenOf } from '../view-model/screen.ts';

type Ui = typeof import('./follow-view.tsx') & typeof import('./pull-view.tsx');

/** JSX has to be compiled before it can be loaded; the bundle shipped is made the same way. */
const loadUi = async (t: ExecutionContext): Promise<Ui> => {
  const dir = mkdtempSync(join(tmpdir(), 'tso-cli-ui-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const outfile = join(dir, 'ui.mjs');
  await build({
    stdin: { contents: `export * from './follow-view.tsx'; export * from './pull-view.tsx';`, resolveDir: import.meta.dirname },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: { js: "import{createRequire as r}from'node:module';const require=r(import.meta.url);" },
    plugins: [noDevtools],
  });
  return (await import(pathToFileURL(outfile).href)) as Ui;
};

/** A terminal that keeps what was drawn on it. */
class Terminal extends PassThrough {
  readonly isTTY = true;
  readonly columns = 60;
  readonly rows = 12;
  drawn = '';

  constructor() {
    super();
    this.on('data', (chunk: Buffer) => {
      this.drawn += chunk.toString();
    });
  }

  get plain(): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be taken away
    return this.drawn.replace(/\u001b\[[0-9;?]*[a-zA-Z]/g, '');
  }
}

const sourceOf = (state: FollowState) => ({
  current: () => state,
  subscribe: () => () => undefined,
  screen: (height: number) => screenOf(state, 2_500, height),
});

test('the live view draws one line per task with its state and reason', async (t) => {
  const ui = await loadUi(t);
  const terminal = new Terminal();
  const tasks = [
    aTask({ slot: 1 }),
    aTask({ slot: 2, state: TaskState.PREPARING, status: { message: 'pulling 3 of 7 layers' } }),
    aTask({
      slot: 3,
      state: TaskState.NEW,
      pendingReason: 'no node fits (1 drained), and the sentence goes on for longer than there is room',
    }),
  ];
  const state = observe(
    startFollow({ stack: 'visits', services: undefined, goal: 'converged' }),
    aView([aService(tasks, { desired: 3 })]),
    0,
  );
  const stop = ui.showFollow(sourceOf(state), terminal as unknown as NodeJS.WriteStream);
  await stop();
  t.regex(terminal.plain, /visits: 1 of 3 tasks run/);
  t.regex(terminal.plain, /✔ web\.1 +running/);
  t.regex(terminal.plain, /[⠋⠙⠹⠸] web\.2 +preparing +pulling 3 of 7 layers +2\.5 s/);
  t.regex(terminal.plain, /· web\.3 +waiting +no node fits \(1 drained\).*…/);
  t.true(terminal.plain.split(/[\r\n]/).every((line) => line.length <= 60));
});

test('what is waited for in a cluster is drawn by the same view, with the reason of each row', async (t) => {
  const ui = await loadUi(t);
  const terminal = new Terminal();
  const row = { key: 'b', name: 'host-b', state: 'manager', detail: '', mark: 'ok' } as const;
  const stuck = { key: 'c', name: 'host-c', state: 'catching up', detail: 'its manager does not answer the others', mark: 'wait' } as const;
  const state = observeProgress(
    startProgress,
    { title: 'nodes that become managers: 1 of 2', rows: [row, stuck], outcome: { kind: 'waiting' } },
    0,
  );
  const stop = ui.showFollow(
    { current: () => state, subscribe: () => () => undefined, screen: (height) => progressScreen(state, 4_000, height) },
    terminal as unknown as NodeJS.WriteStream,
  );
  await stop();
  t.regex(terminal.plain, /nodes that become managers: 1 of 2/);
  t.regex(terminal.plain, /✔ host-b +manager/);
  t.regex(terminal.plain, /· host-c +catching up +its manager does not answer.*4\.0 s/);
});

test('the pull view draws one bar per layer', async (t) => {
  const ui = await loadUi(t);
  const terminal = new Terminal();
  const layer = { id: 'abcdef', status: 'Downloading', current: 500_000, total: 1_000_000 };
  const state = { layers: new Map([[layer.id, layer]]), line: undefined };
  const stop = ui.showPull({ current: () => state, subscribe: () => () => undefined }, terminal as unknown as NodeJS.WriteStream);
  await stop();
  t.regex(terminal.plain, /abcdef Downloading \[={10}> {9}\] 500 kB of 1\.0 MB/);
});
