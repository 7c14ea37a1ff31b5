import type { StatsReply } from '@tso/proto';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import type { ControlClient } from '../control-client.ts';
import { exitCodes } from '../exit-codes.ts';
import { printWarning } from '../failure.ts';
import { writeOut } from '../io.ts';
import { jsonDocument } from '../output/json.ts';
import { renderTable } from '../output/table.ts';
import { type SelectionOptions, selectStack } from '../project.ts';
import { selectionOptions } from '../stack-selection.ts';
import { takeUpAgain } from '../take-up-again.ts';
import { isTaskId, stackOfTargets } from '../task-target.ts';
import { StatsBoard, type StatsRow, sortStats, statsCells, statsColumns, statsRow } from '../view-model/stats-rows.ts';

interface StatsOptions extends SelectionOptions {
  readonly stream: boolean;
}

const drawMs = 1_000;

const tableOf = (rows: readonly StatsRow[], withStack: boolean): string =>
  renderTable(
    statsColumns(withStack),
    rows.map((row) => statsCells(row, withStack)),
    undefined,
  );

const once = async (call: Call<StatsOptions>, replies: AsyncIterable<StatsReply>, withStack: boolean): Promise<number> => {
  const rows: StatsRow[] = [];
  let warnings = 0;
  for await (const { sample, warning } of replies) {
    if (sample !== undefined) rows.push(statsRow(sample));
    if (warning === undefined) continue;
    warnings += 1;
    printWarning(call.io, warning);
  }
  const sorted = sortStats(rows);
  await writeOut(call.io.stdout, call.json ? jsonDocument(sorted) : tableOf(sorted, withStack));
  return rows.length === 0 && warnings > 0 ? exitCodes.failed : exitCodes.done;
};

/** The table once a second, on a terminal in the place of the one before. */
const watch = async ({ io }: Call<StatsOptions>, replies: AsyncIterable<StatsReply>, withStack: boolean): Promise<void> => {
  const board = new StatsBoard();
  let lines = 0;
  let cancel: () => void = () => undefined;
  const draw = (): void => {
    const table = tableOf(board.rows(io.clock.monotonic()), withStack);
    const back = io.stdout.isTTY === true && lines > 0 ? `\u001b[${lines}A\u001b[J` : '';
    lines = table.split('\n').length - 1;
    io.stdout.write(back + table);
    cancel = io.clock.setTimer(drawMs, draw);
  };
  cancel = io.clock.setTimer(drawMs, draw);
  try {
    for await (const { sample, warning } of replies) {
      if (sample !== undefined) board.add(statsRow(sample), io.clock.monotonic());
      if (warning === undefined) continue;
      lines = 0;
      printWarning(io, warning);
    }
  } finally {
    cancel();
  }
};

const printLines = async ({ io }: Call<StatsOptions>, replies: AsyncIterable<StatsReply>): Promise<void> => {
  for await (const { sample, warning } of replies) {
    if (sample !== undefined) await writeOut(io.stdout, `${JSON.stringify(statsRow(sample))}\n`);
    if (warning !== undefined) printWarning(io, warning);
  }
};

const show = async (call: Call<StatsOptions>, control: ControlClient): Promise<number> => {
  const { io, options, args, json } = call;
  const named = await selectStack(options, io);
  const stack = args.length === 0 || args.every(isTaskId) ? (named?.name ?? '') : await stackOfTargets(options, args, io, control);
  const abort = new AbortController();
  const release = io.onSignal('SIGINT', () => abort.abort());
  const ask = () => control.stats({ stack, targets: args, stream: options.stream }, { signal: abort.signal });
  try {
    if (!options.stream) return await once(call, ask(), stack === '');
    const replies = takeUpAgain(ask, { io, signal: abort.signal });
    await (json ? printLines(call, replies) : watch(call, replies, stack === ''));
  } catch (error) {
    // Ctrl-C is how a watcher says that it has seen enough.
    if (!abort.signal.aborted) throw error;
  } finally {
    release();
  }
  return abort.signal.aborted ? exitCodes.interrupted : exitCodes.done;
};

const stats = async (call: Call<StatsOptions>): Promise<number> => {
  const { withControl } = await import('../control-client.ts');
  return withControl(call.context, call.io.uid, (control) => show(call, control));
};

export const registerStats: Registrar = (program, host) => {
  const command = program
    .command('stats')
    .description('what tasks use: CPU, memory, network, disk; with --format json one line of JSON for each sample')
    .argument('[service...]', 'services, tasks (web.1) or task ids; none: all of the stack')
    .option('--no-stream', 'one sample of each, measured over a second; with --format json one document')
    .addOption(formatOption())
    .action(host.act(stats));
  for (const option of selectionOptions()) command.addOption(option);
  addPlaceOptions(command);
  example(command, 'tso stats -p visits', 'tso stats -p visits --no-stream --format json');
};
