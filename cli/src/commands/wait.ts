import { TsoError } from '@tso/proto';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import type { ControlClient } from '../control-client.ts';
import { exitCodes, NotConvergedError } from '../exit-codes.ts';
import { stackViews } from '../follow-stack.ts';
import { writeOut } from '../io.ts';
import { parseTimeout } from '../options.ts';
import { jsonDocument } from '../output/json.ts';
import type { SelectionOptions } from '../project.ts';
import { requireStack, selectionOptions } from '../stack-selection.ts';
import { endText, exitCodeOfTasks, observeWait, startWait, type WaitOutcome, type WaitState } from '../view-model/wait-plan.ts';
import { unlessGivenUp } from '../while-wanted.ts';

interface WaitOptions extends SelectionOptions {
  readonly timeout?: number;
}

const missing = (stack: string, service: string, known: readonly string[], began: boolean): TsoError =>
  began
    ? new TsoError('NOT_FOUND', `service ${service} was removed while it was waited for`)
    : new TsoError('NOT_FOUND', `there is no service ${service} in stack ${stack}`, {
        hint: known.length === 0 ? 'tso ls lists the stacks.' : `It has: ${known.join(', ')}.`,
      });

/** Reads views until the outcome is there. */
const untilEnded = async (
  { io, args }: Call<WaitOptions>,
  control: ControlClient,
  stack: string,
  signal: AbortSignal,
  saw: (state: WaitState) => void,
): Promise<WaitOutcome> => {
  let state = startWait(args);
  for await (const view of stackViews(control, { stack, minVersion: 0 }, io, signal)) {
    const began = state.waited !== undefined;
    state = observeWait(state, view);
    const { outcome } = state;
    if (outcome.kind === 'missing') {
      const known = view.services.map(({ service }) => service.spec.name);
      throw missing(stack, outcome.service, known, began);
    }
    saw(state);
    if (outcome.kind === 'ended') return outcome;
  }
  return state.outcome;
};

/** The outcome, or what there was of it when the time was up. */
const awaited = (call: Call<WaitOptions>, control: ControlClient, stack: string, given: AbortSignal): Promise<WaitOutcome> => {
  const { io, options } = call;
  let last: WaitState = startWait(call.args);
  const abort = new AbortController();
  return new Promise<WaitOutcome>((resolve, reject) => {
    const cancel = options.timeout === undefined ? () => {} : io.clock.setTimer(options.timeout, () => resolve(last.outcome));
    given.addEventListener('abort', () => reject(given.reason));
    untilEnded(call, control, stack, AbortSignal.any([given, abort.signal]), (state) => {
      last = state;
    })
      .then(resolve, reject)
      .finally(cancel);
  }).finally(() => abort.abort());
};

const wait = async (call: Call<WaitOptions>): Promise<number> => {
  const { io, options, context, json } = call;
  const { withControl } = await import('../control-client.ts');
  const code = await unlessGivenUp(io, (signal) =>
    withControl(context, io.uid, async (control) => {
      const { name } = await requireStack(options, io, control);
      const outcome = await awaited(call, control, name, signal);
      if (outcome.kind !== 'ended') {
        const names = outcome.kind === 'waiting' ? outcome.names : [];
        throw new NotConvergedError(
          `${names.join(', ')} ${names.length === 1 ? 'has' : 'have'} not ended after ${(options.timeout ?? 0) / 1000} s`,
          `See them with tso ps -p ${name}.`,
          { waiting: names },
        );
      }
      if (outcome.tasks.length === 0) {
        throw new TsoError('FAILED_PRECONDITION', `${call.args.join(', ')} of stack ${name}: there is no task to wait for`, {
          hint: `Start some: tso scale -p ${name} SERVICE=N, or tso start -p ${name}.`,
        });
      }
      if (json) await writeOut(io.stdout, jsonDocument(outcome.tasks.map(({ name: _name, ...task }) => task)));
      else if (!options.quiet) await writeOut(io.stdout, outcome.tasks.map((task) => `${endText(task)}\n`).join(''));
      return exitCodeOfTasks(outcome.tasks);
    }),
  );
  if (code !== undefined) return code;
  io.stderr.write('The tasks go on without you.\n');
  return exitCodes.interrupted;
};

export const registerWait: Registrar = (program, host) => {
  const command = program
    .command('wait')
    .description('wait until the tasks that services have now have ended, and end with their exit code: the first one that is not 0')
    .argument('<service...>', 'services; jobs are waited for until they are done or given up')
    .option('--timeout <seconds>', 'give up waiting after this long, exit code 3', parseTimeout)
    .option('-q, --quiet', 'print nothing')
    .addOption(formatOption())
    .action(host.act(wait));
  for (const option of selectionOptions()) command.addOption(option);
  addPlaceOptions(command);
  example(command, 'tso wait -p visits migrate', 'tso wait -p visits migrate --timeout 60 && tso scale -p visits web=3');
};
