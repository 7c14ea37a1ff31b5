import type { ClusterEvent, EventFilter, EventsRequest } from '@tso/proto';
import { InvalidArgumentError } from 'commander';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import type { ControlClient } from '../control-client.ts';
import { exitCodes } from '../exit-codes.ts';
import { type Io, writeOut } from '../io.ts';
import { projectOption } from '../load-stack.ts';
import { collect, parseInstant } from '../options.ts';
import { jsonDocument } from '../output/json.ts';
import { takeUpAgain } from '../take-up-again.ts';
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

/** The request as it is made again. Where nothing was heard yet, what happened since the first call is wanted, not only what is to come. */
const continued = (request: EventsRequest, lastVersion: number | undefined, calledAtMs: number): EventsRequest =>
  lastVersion === undefined ? { ...request, sinceMs: request.sinceMs ?? calledAtMs } : { ...request, afterVersion: lastVersion - 1 };

/** A call that breaks off is made again, and goes on behind the last event: the managers remember the same ones. */
const followEvents = (control: ControlClient, request: EventsRequest, io: Io, signal: AbortSignal): AsyncIterable<ClusterEvent> => {
  let last: { readonly version: number; readonly events: number } | undefined;
  const calledAtMs = io.clock.now();
  let isFirst = true;
  const call = async function* (): AsyncGenerator<ClusterEvent> {
    // All of the last version once more, since one change may be several events; those that were heard are passed over.
    let toSkip = last?.events ?? 0;
    const wish = isFirst ? request : continued(request, last?.version, calledAtMs);
    isFirst = false;
    for await (const event of control.events(wish, { signal })) {
      if (event.version === last?.version && toSkip > 0) {
        toSkip -= 1;
        continue;
      }
      last = { version: event.version, events: event.version === last?.version ? last.events + 1 : 1 };
      yield event;
    }
  };
  return takeUpAgain(call, { io, signal });
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
      for await (const event of followEvents(control, request, io, abort.signal)) {
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
