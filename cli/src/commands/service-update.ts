import { type Command, Option } from 'commander';
import type { UpdateOptions } from '../cluster/update-service.ts';
import { addPlaceOptions, type Call, type CommandHost, example } from '../command-host.ts';
import { asText, collect } from '../options.ts';
import { selectionOptions } from '../stack-selection.ts';
import type { ServiceFlag } from '../view-model/service-flags/flag.ts';
import { serviceFlagGroups, serviceFlags } from '../view-model/service-patch.ts';
import { addWaitOptions } from '../wait-options.ts';

/** Of a flag that begins with no- the option is what comes behind, and said by being there: there is no other way to say it. */
const negation = 'no-';

const optionsOf = ({ name, value, text, repeatable, choices }: ServiceFlag): readonly Option[] => {
  if (choices !== undefined) return [new Option(`--${name} ${value}`, text).choices([...choices])];
  if (value !== undefined) {
    const option = new Option(`--${name} ${value}`, repeatable === true ? `${text} (repeatable)` : text);
    return [option.argParser(collect(asText))];
  }
  if (name.startsWith(negation)) return [new Option(`--${name}`, text).default(undefined)];
  // Both ways: what is on may be switched off.
  return [new Option(`--${name}`, text), new Option(`--no-${name}`, 'the opposite')];
};

/** What the command was told, each flag under the name that it is typed by. */
const byFlag = (command: Command, options: Call<object>['options']): UpdateOptions => {
  const values = command.optsWithGlobals<Readonly<Record<string, unknown>>>();
  const told = serviceFlags.map(({ name }) => {
    const isNegation = name.startsWith(negation);
    const key = new Option(`--${name}`).attributeName();
    return [name, isNegation ? (values[key] === false ? true : undefined) : values[key]] as const;
  });
  return { ...options, ...Object.fromEntries(told.filter(([, value]) => value !== undefined)) };
};

/** `tso service update`: the flags of `docker service update` that can be had; what cannot is not there. */
export const addUpdate = (service: Command, host: CommandHost, argument: string): void => {
  const update = addWaitOptions(
    service.command('update').description('change how services run, and wait until they do').argument('<service...>', argument),
  );
  for (const { title, flags } of serviceFlagGroups) {
    for (const option of flags.flatMap(optionsOf)) update.addOption(option.helpGroup(title));
  }
  update
    .option('--force', 'replace every task, also where nothing changes')
    .option('--rollback', 'go back to what it was before its last change')
    .option('--continue', 'go on with an update that stands still')
    .option('--rebalance', 'spread their tasks over the nodes anew, within their update limits')
    .option('--dry-run', 'print what would change, change nothing')
    .action(
      host.act(async (call: Call<object>) =>
        (await import('../cluster/update-service.ts')).updateServices({ ...call, options: byFlag(update, call.options) }),
      ),
    );
  for (const option of selectionOptions()) update.addOption(option);
  addPlaceOptions(update);
  example(
    update,
    'tso service update --image visits-web:2 visits_web',
    'tso service update --env-add LEVEL=debug --limit-memory 256m --update-parallelism 2 visits_web',
    'tso service update --publish-rm 80 --publish-add 8081:80 --dry-run visits_web',
    'tso service update --force visits_web',
    'tso service update --rebalance visits_web',
  );
};
