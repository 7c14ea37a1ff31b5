import { Option } from 'commander';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { followStack, type ProgressMode } from '../follow-stack.ts';
import { parseScale, parseTimeout, type Scale } from '../options.ts';
import { jsonDocument } from '../output/json.ts';
import type { SelectionOptions } from '../project.ts';
import { requireStack, selectionOptions } from '../stack-selection.ts';

interface ScaleOptions extends SelectionOptions {
  readonly detach?: boolean;
  readonly timeout?: number;
  readonly progress?: ProgressMode;
}

const scaleOf = (text: string): Scale => {
  try {
    return parseScale(text);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
};

const scale = async ({ io, options, args, context, json }: Call<ScaleOptions>): Promise<number> => {
  const scales = args.map(scaleOf);
  const { withControl } = await import('../control-client.ts');
  return withControl(context, io.uid, async (control) => {
    const { name } = await requireStack(options, io, control);
    const reply = await control.scaleServices({ stack: name, scales });
    const { code, standing } = options.detach
      ? { code: exitCodes.done, standing: [] }
      : await followStack(
          control,
          {
            stack: name,
            services: scales.map(({ service }) => service),
            goal: 'converged',
            minVersion: reply.version,
            timeoutMs: options.timeout,
            progress: json ? 'quiet' : (options.progress ?? 'auto'),
            selector: `-p ${name}`,
          },
          io,
        );
    if (code === exitCodes.done && json) io.stdout.write(jsonDocument(reply.changes));
    else if (code === exitCodes.done && standing.length === 0)
      io.stderr.write(`${scales.map((one) => `${one.service} is ${options.detach ? 'to have' : 'at'} ${one.replicas}`).join(', ')}.\n`);
    return code;
  });
};

export const registerScale: Registrar = (program, host) => {
  const command = program
    .command('scale')
    .description('set how many tasks a service has, and wait until it has them')
    .argument('<service=n...>', 'services and their numbers')
    .option('-d, --detach', 'return once the cluster accepted it')
    .option('--timeout <seconds>', 'give up waiting after this long, exit code 3', parseTimeout)
    .addOption(new Option('--progress <mode>', 'live view or lines').choices(['auto', 'plain', 'quiet']))
    .addOption(formatOption())
    .action(host.act(scale));
  for (const option of selectionOptions()) command.addOption(option);
  addPlaceOptions(command);
  example(command, 'tso scale -p visits web=5');
};
