import { ServiceVerb } from '@tso/proto';
import type { VerbOptions } from '../cluster/service-verbs.ts';
import { addPlaceOptions, type Call, example, type Registrar } from '../command-host.ts';
import { selectionOptions } from '../stack-selection.ts';
import { addWaitOptions } from '../wait-options.ts';

interface VerbWords {
  readonly description: string;
  readonly argument: string;
  readonly examples: readonly string[];
}

const onlyThese = 'only these services';
const withTasks = 'services, or one of their tasks (web.2); none: all of the stack';

const registerVerb =
  (name: string, verb: ServiceVerb, { description, argument, examples }: VerbWords): Registrar =>
  (program, host) => {
    const command = addWaitOptions(program.command(name).description(description).argument('[service...]', argument)).action(
      host.act(async (call: Call<VerbOptions>) => (await import('../cluster/service-verbs.ts')).changeStackServices(call, verb)),
    );
    for (const option of selectionOptions()) command.addOption(option);
    example(addPlaceOptions(command), ...examples);
  };

export const registerRestart = registerVerb('restart', ServiceVerb.VERB_RESTART, {
  description: 'replace each task once, as an update does, and wait until all run; jobs run again',
  argument: onlyThese,
  examples: ['tso restart', 'tso restart -p visits web'],
});

export const registerStop = registerVerb('stop', ServiceVerb.VERB_STOP, {
  description: 'stop the tasks of services and keep how many are wished for; tso start brings them back',
  argument: onlyThese,
  examples: ['tso stop -p visits', 'tso stop -p visits web --timeout 30'],
});

export const registerStart = registerVerb('start', ServiceVerb.VERB_START, {
  description: 'start stopped services with as many tasks as they had, and wait until they run',
  argument: onlyThese,
  examples: ['tso start -p visits', 'tso start -p visits web'],
});

export const registerPause = registerVerb('pause', ServiceVerb.VERB_PAUSE, {
  description: 'freeze the processes of tasks where they are; they keep their memory, and nobody is sent to them meanwhile',
  argument: withTasks,
  examples: ['tso pause -p visits web', 'tso pause -p visits web.2'],
});

export const registerUnpause = registerVerb('unpause', ServiceVerb.VERB_UNPAUSE, {
  description: 'let frozen tasks go on',
  argument: withTasks,
  examples: ['tso unpause -p visits web', 'tso unpause -p visits web.2'],
});
