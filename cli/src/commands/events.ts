import type { EventFilter } from '@tso/proto';
import { InvalidArgumentError } from 'commander';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import { exitCodes } from '../exit-codes.ts';
import { writeOut } from '../io.ts';
import { projectOption } from '../load-stack.ts';
import { collect, parseInstant } from '../options.ts';
import { jsonDocument } from '../output/json.ts';
import { type EventRow, eventLine, eventRow } from '../view-model/event-text.ts';

interface EventsOptions {
  readonly since?: string;
  readonly until?: string;
  readonly filter?: readonly EventFilter[];
  readonly projectName?: string;
}

const filterKeys = ['kind', 'action', 'stack', 'service', 'task', 'node', 'id'];

/** `kind=task`. */
const parseFilter = (text: string): EventFilter => {
  const equals = text.indexOf('=');
  const key = text.slice(0, equals);
  if (equals < 1 || !filterKeys.includes(key)) throw new InvalidArgumentError(`Write KEY=VALUE with one of ${filterKeys.join(', ')}.`);
  return { key, value: text.slice(equals + 1) };
};

const events = async ({ io, options, context, json }: Call<EventsOptions>): Promise<number> => {
  const now = io.clock.now();
  const filters = [...(options.filter ?? []), ...(options.projectName === undefined ? [] : [{ key: 'stack', value: options.projectName }])];
  const request = {
    ...(options.since === undefined ? {} : { sinceMs: parseInstant(options.since, now) }),
    ...(options.until === undefined ? {} : { untilMs: parseInstant(options.until, now) }),
    filters,
  };
  const { withControl } = await import('../control-client.ts');
  const abort = new AbortController();
  const release = io.onSignal('SIGINT', () => abort.abort());
  const rows: EventRow[] = [];
  const asDocument = json && options.until !== undefined;
  try {
    await withControl(context, io.uid, async (control) => {
      for await (const event of control.events(request, { signal: abort.signal })) {
        if (asDocument) rows.push(eventRow(event));
        else await writeOut(io.stdout, json ? `${JSON.stringify(eventRow(event))}\n` : eventLine(event));
      }
    });
  } catch (error) {
    // Ctrl-C is how a follower says that it has seen enough.
    if (!abort.signal.aborted) throw error;
  } finally {
    release();
  }
  if (asDocument) await writeOut(io.stdout, jsonDocument(rows));
  return abort.signal.aborted ? exitCodes.interrupted : exitCodes.done;
};

export const registerEvents: Registrar = (program, host) => {
  /** Refused before anything is asked; the instant itself is taken when the command runs. */
  const checkInstant = (text: string): string => {
    parseInstant(text, host.io.clock.now());
    return text;
  };
  const command = program
    .command('events')
    .description(
      'what happens in the cluster, as it happens. --format json prints one object per line; with --until, one document. The manager that answers remembers the latest events since it was started, no others.',
    )
    .option('--since <time>', 'instant, unix seconds, or a duration ago (10m)', checkInstant)
    .option('--until <time>', 'the same, as the end', checkInstant)
    .option('--filter <key=value>', `${filterKeys.join(', ')} (repeatable; alike keys are alternatives)`, collect(parseFilter))
    .addOption(formatOption())
    .action(host.act(events));
  command.addOption(projectOption());
  addPlaceOptions(command);
  example(command, 'tso events --filter kind=task --filter action=failed', 'tso events --since 10m --until 0s --format json');
};
