import { type ObjectChange, TsoError } from '@tso/proto';
import { Option } from 'commander';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import { exitCodes } from '../exit-codes.ts';
import { followStack, type ProgressMode } from '../follow-stack.ts';
import { parseTimeout } from '../options.ts';
import { jsonDocument } from '../output/json.ts';
import type { SelectionOptions } from '../project.ts';
import { requireStack, selectionOptions } from '../stack-selection.ts';
import { oneLine } from '../view-model/task-text.ts';

interface DownOptions extends SelectionOptions {
  readonly volumes?: boolean;
  readonly timeout?: number;
  readonly progress?: ProgressMode;
}

const down = async ({ io, options, context, json }: Call<DownOptions>): Promise<number> => {
  const { withControl } = await import('../control-client.ts');
  return withControl(context, io.uid, async (control) => {
    const { name, source } = await requireStack(options, io, control);
    const { stacks } = await control.listStacks({});
    const view = stacks.some((stack) => stack.name === name) ? undefined : await control.getStack({ name }).catch(notThere);
    if (view !== undefined && !view.exists) {
      // A name that was typed may be a typo; a folder whose stack is not up is simply done.
      if (source !== 'file') {
        const known = stacks.map((stack) => stack.name).join(', ');
        throw new TsoError('NOT_FOUND', `there is no stack ${name}`, {
          hint: known === '' ? 'The cluster has none.' : `There are: ${known}.`,
        });
      }
      if (json) io.stdout.write(jsonDocument({ name, removed: false, changes: [] }));
      else io.stderr.write(`Nothing to remove: stack ${name} is not there.\n`);
      return exitCodes.done;
    }
    const reply = await control.removeStack({ name, volumes: options.volumes ?? false });
    const { code } = await followStack(
      control,
      {
        stack: name,
        services: undefined,
        goal: 'gone',
        minVersion: reply.version,
        timeoutMs: options.timeout,
        progress: json || options.quiet ? 'quiet' : (options.progress ?? 'auto'),
        selector: `-p ${name}`,
      },
      io,
    );
    if (code !== exitCodes.done) return code;
    if (json) io.stdout.write(jsonDocument({ name, removed: true, changes: reply.changes }));
    else if (!options.quiet) io.stderr.write(`${reply.changes.map(keptText).join('')}Stack ${name} is removed.\n`);
    return code;
  });
};

const keptKinds: Readonly<Record<string, { readonly title: string; readonly command: string }>> = {
  network: { title: 'Network', command: 'tso network rm' },
  config: { title: 'Config', command: 'tso configs rm' },
  secret: { title: 'Secret', command: 'tso secrets rm' },
};

/** Of a network, secret or config that others use; empty: it goes. */
const keptText = ({ kind, name, action, changes: [why] }: ObjectChange): string => {
  const kept = keptKinds[kind];
  if (kept === undefined || action !== 'none') return '';
  const users = oneLine(why?.to ?? 'another stack');
  return `${kept.title} ${oneLine(name)} stays for ${users}. When nobody uses it: ${kept.command} ${oneLine(name)}\n`;
};

const notThere = (error: unknown): { readonly exists: boolean } => {
  if (error instanceof TsoError && error.code === 'NOT_FOUND') return { exists: false };
  throw error;
};

export const registerDown: Registrar = (program, host) => {
  const command = program
    .command('down')
    .description('remove a stack')
    .option('-v, --volumes', 'remove its volumes and their data too')
    .option('--timeout <seconds>', 'give up waiting after this long, exit code 3', parseTimeout)
    .option('-q, --quiet', 'no progress')
    .addOption(new Option('--progress <mode>', 'live view or lines').choices(['auto', 'plain', 'quiet']))
    .addOption(formatOption())
    .action(host.act(down));
  for (const option of selectionOptions()) command.addOption(option);
  addPlaceOptions(command);
  example(command, 'tso down -p visits', 'tso down -p visits --volumes');
};
