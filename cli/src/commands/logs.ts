import type { TaskView } from '@tso/proto';
import type { Command } from 'commander';
import { addPlaceOptions, type Call, type CommandHost, example, formatOption, type Registrar } from '../command-host.ts';
import type { ControlClient } from '../control-client.ts';
import { exitCodes } from '../exit-codes.ts';
import { printWarning } from '../failure.ts';
import { followLogs } from '../follow-logs.ts';
import { writeOut } from '../io.ts';
import { parseInstant, parseTail } from '../options.ts';
import { LogPrinter } from '../output/log-printer.ts';
import type { SelectionOptions } from '../project.ts';
import { selectionOptions } from '../stack-selection.ts';
import { stackOfTargets } from '../task-target.ts';
import { LineJoiner, logName } from '../view-model/log-lines.ts';

export interface LogsOptions extends SelectionOptions {
  readonly follow?: boolean;
  readonly tail?: number;
  readonly since?: string;
  readonly until?: string;
  readonly timestamps?: boolean;
  readonly prefix: boolean;
  readonly logPrefix: boolean;
}

const prefixWidth = (tasks: readonly TaskView[], targets: readonly string[]): number =>
  Math.max(
    0,
    ...tasks
      .map(({ task }) => ({ name: logName({ service: task.serviceName, slot: task.slot, taskId: task.id }), task }))
      .filter(
        ({ name, task }) =>
          targets.length === 0 || targets.includes(task.serviceName) || targets.includes(name) || targets.includes(task.id),
      )
      .map(({ name }) => name.length),
  );

const instants = (options: LogsOptions, nowMs: number) => ({
  ...(options.since === undefined ? {} : { sinceMs: parseInstant(options.since, nowMs) }),
  ...(options.until === undefined ? {} : { untilMs: parseInstant(options.until, nowMs) }),
  ...(options.tail === undefined || options.tail < 0 ? {} : { tail: options.tail }),
});

const stream = async (call: Call<LogsOptions>, control: ControlClient): Promise<number> => {
  const { io, options, args, json } = call;
  const stack = await stackOfTargets(options, args, io, control);
  const bounds = instants(options, io.clock.now());
  const { tasks } = await control.listTasks({ stack, services: [], all: true, node: '' });
  const abort = new AbortController();
  const release = io.onSignal('SIGINT', () => abort.abort());
  const joiner = new LineJoiner();
  const printer = new LogPrinter(io, {
    json,
    prefix: options.prefix && options.logPrefix,
    timestamps: options.timestamps ?? false,
    width: prefixWidth(tasks, args),
  });
  try {
    await writeOut(io.stdout, printer.begin());
    const request = { stack, targets: args, options: { follow: options.follow ?? false, ...bounds }, seen: [] };
    for await (const reply of followLogs(control, request, io, abort.signal)) {
      if (reply.warning) printWarning(io, reply.warning);
      const entry = reply.line ? joiner.add(reply.line) : undefined;
      if (entry !== undefined) await writeOut(io.stdout, printer.entry(entry));
    }
  } catch (error) {
    // Ctrl-C is how a follower says that it has seen enough.
    if (!abort.signal.aborted) throw error;
  } finally {
    release();
    for (const entry of joiner.rest()) await writeOut(io.stdout, printer.entry(entry));
    await writeOut(io.stdout, printer.end());
  }
  return abort.signal.aborted ? exitCodes.interrupted : exitCodes.done;
};

/** `tso logs`; with -p also what other commands of the kind do. */
export const logs = async (call: Call<LogsOptions>): Promise<number> => {
  const { withControl } = await import('../control-client.ts');
  return withControl(call.context, call.io.uid, (control) => stream(call, control));
};

/** Which lines, and how they are shown. */
export const addLogOptions = (command: Command, host: CommandHost): Command => {
  /** Refused before anything is asked; the instant itself is taken when the command runs. */
  const checkInstant = (text: string): string => {
    parseInstant(text, host.io.clock.now());
    return text;
  };
  return command
    .option('-f, --follow', 'go on as more comes')
    .option('-n, --tail <lines>', 'last lines of each task, or all', parseTail)
    .option('--since <time>', 'instant, unix seconds, or a duration ago (10m)', checkInstant)
    .option('--until <time>', 'the same, as the end', checkInstant)
    .option('-t, --timestamps', 'with the time of each line')
    .option('--no-prefix', 'without the name of the task')
    .option('--no-log-prefix', 'the same')
    .addOption(formatOption());
};

export const registerLogs: Registrar = (program, host) => {
  const command = addLogOptions(
    program
      .command('logs')
      .description('what the tasks of a stack print, merged by time')
      .argument('[target...]', 'services, tasks (web.1) or task ids; none: all'),
    host,
  ).action(host.act(logs));
  // Here -f means follow, as everywhere; the compose file has its long name only.
  for (const option of selectionOptions('--file <file>')) command.addOption(option);
  addPlaceOptions(command);
  example(command, 'tso logs -f -p visits', 'tso logs -p visits web --since 10m -t');
};
