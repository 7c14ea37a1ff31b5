import { type ChangeServicesReply, ServiceVerb } from '@tso/proto';
import type { Call } from '../command-host.ts';
import { type ControlClient, withControl } from '../control-client.ts';
import { exitCodes } from '../exit-codes.ts';
import { followProgress, type ProgressOptions, waitingOptions } from '../follow-progress.ts';
import { type Followed, followStack } from '../follow-stack.ts';
import { jsonDocument } from '../output/json.ts';
import type { SelectionOptions } from '../project.ts';
import { requireStack } from '../stack-selection.ts';
import { pauseProgress } from '../view-model/pause-progress.ts';
import { changedNames, verbText } from '../view-model/verb-text.ts';
import { byStack, namedServices } from './services.ts';

export interface VerbOptions extends SelectionOptions, ProgressOptions {
  readonly detach?: boolean;
}

/** Services of one stack that were told one thing together. */
interface Told {
  readonly stack: string;
  readonly targets: readonly string[];
  readonly reply: ChangeServicesReply;
}

const done: Followed = { code: exitCodes.done, standing: [] };

const followPause = async (call: Call<VerbOptions>, control: ControlClient, told: Told, paused: boolean): Promise<Followed> => {
  const wish = { targets: told.targets, paused, minVersion: told.reply.version };
  const names = changedNames(told.reply.changes).join(', ');
  const code = await followProgress(
    {
      ...waitingOptions(call.options, call.json),
      missing: `${names} ${paused ? 'is not paused' : 'does not go on'}`,
      look: `tso ps -p ${told.stack}`,
      read: async (signal) => pauseProgress(await control.getStack({ name: told.stack }, { signal }), wish),
    },
    call.io,
  );
  return { code, standing: [] };
};

const followChange = (call: Call<VerbOptions>, control: ControlClient, { stack, reply }: Told, verb: ServiceVerb): Promise<Followed> =>
  followStack(
    control,
    {
      stack,
      // What is removed is waited for until it is gone, whoever else is there.
      services: verb === ServiceVerb.VERB_REMOVE ? [] : changedNames(reply.changes),
      goal: 'converged',
      asksForRuns: verb === ServiceVerb.VERB_RESTART,
      minVersion: reply.version,
      selector: `-p ${stack}`,
      ...waitingOptions(call.options, call.json),
    },
    call.io,
  );

const follow = (call: Call<VerbOptions>, control: ControlClient, told: Told, verb: ServiceVerb): Promise<Followed> => {
  if (changedNames(told.reply.changes).length === 0) return Promise.resolve(done);
  if (verb === ServiceVerb.VERB_PAUSE) return followPause(call, control, told, true);
  return verb === ServiceVerb.VERB_UNPAUSE ? followPause(call, control, told, false) : followChange(call, control, told, verb);
};

/** Waits for all, unless asked not to, and tells what became of them. */
const conclude = async (call: Call<VerbOptions>, control: ControlClient, told: readonly Told[], verb: ServiceVerb): Promise<number> => {
  const { io, options, json } = call;
  let stands = false;
  for (const one of options.detach ? [] : told) {
    const { code, standing } = await follow(call, control, one, verb);
    if (code !== exitCodes.done) return code;
    stands ||= standing.length > 0;
  }
  const changes = told.flatMap(({ reply }) => reply.changes);
  if (json) io.stdout.write(jsonDocument(changes));
  // Of an update that stands still it has been told why, and how to go on.
  else if (!options.quiet && !stands) io.stderr.write(`${verbText(verb, changes, options.detach ?? false)}\n`);
  return exitCodes.done;
};

/** `tso restart [SERVICE…]` and its like: services of the stack that is meant, all of them when none is named. */
export const changeStackServices = async (call: Call<VerbOptions>, verb: ServiceVerb): Promise<number> => {
  const { io, options, args, context } = call;
  return withControl(context, io.uid, async (control) => {
    const { name: stack } = await requireStack(options, io, control);
    const reply = await control.changeServices({ stack, services: args, verb });
    return conclude(call, control, [{ stack, targets: args, reply }], verb);
  });
};

/** `tso service rollback` and its like: services of any stack, all of those of one stack or none. */
export const changeNamedServices = async (call: Call<VerbOptions>, verb: ServiceVerb): Promise<number> => {
  const { io, options, args, context } = call;
  return withControl(context, io.uid, async (control) => {
    const services = await namedServices(io, control, options, args);
    const told: Told[] = [];
    for (const [stack, group] of byStack(services, ({ service }) => service.stack)) {
      const targets = group.map(({ service }) => service.spec.name);
      told.push({ stack, targets, reply: await control.changeServices({ stack, services: targets, verb }) });
    }
    return conclude(call, control, told, verb);
  });
};
