import { type ApplyStackReply, PublishMode, type StackSpec, type StackView, TsoError } from '@tso/proto';
import type { Control, RpcClient } from '@tso/proto/rpc';
import { Option } from 'commander';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import { exitCodes } from '../exit-codes.ts';
import { printWarning } from '../failure.ts';
import { followStack } from '../follow-stack.ts';
import { diagnosticLine, type FileOptions, loadOptions, loadStack, strictOption, tell } from '../load-stack.ts';
import { collect, parseScale, parseTimeout } from '../options.ts';
import { jsonDocument } from '../output/json.ts';
import type { PreviewOptions, Wish } from '../preview-stack.ts';
import { adjustSpec, type SpecWishes } from '../view-model/adjust-spec.ts';
import { serviceRow } from '../view-model/service-row.ts';
import { unansweredPorts } from '../view-model/unanswered-ports.ts';

interface UpOptions extends FileOptions, PreviewOptions, SpecWishes {
  readonly detach?: boolean;
  readonly timeout?: number;
}

const resultDocument = (view: StackView, converged: boolean, reply: ApplyStackReply, warnings: readonly string[]): string =>
  jsonDocument({
    name: view.name,
    version: view.version,
    converged,
    changes: reply.changes,
    services: view.services.map(serviceRow),
    warnings: [...warnings, ...reply.warnings],
  });

/**
 * A sentence for each node that cannot answer on a published port of the stack. FAILED_PRECONDITION: none can.
 * With one host that is what it is for Docker's users: the port is taken.
 */
const unansweredOf = async (control: RpcClient<typeof Control>, spec: StackSpec): Promise<readonly string[]> => {
  const publishing = spec.services.filter(({ ports }) => ports.some(({ mode }) => mode === PublishMode.INGRESS));
  if (publishing.length === 0) return [];
  const names = publishing.map(({ name }) => name);
  const { ports, nowhere } = unansweredPorts(spec.name, names, (await control.listNodes({})).nodes);
  if (nowhere !== undefined) {
    throw new TsoError('FAILED_PRECONDITION', `service ${nowhere.service} runs, and no node answers on its port: ${nowhere.why}`, {
      hint: 'End that program, and the port is answered within seconds; or publish another one.',
    });
  }
  return ports.map(({ service, hostname, why }) => `node ${hostname} does not answer for service ${service}: ${why}`);
};

const apply = async (
  call: Call<UpOptions>,
  { spec, files, declared }: Wish,
  services: readonly string[],
  warnings: readonly string[],
): Promise<number> => {
  const { io, options, context, json } = call;
  const { withControl } = await import('../control-client.ts');
  return withControl(context, io.uid, async (control) => {
    // Who changes it between this and our own change is not overruled: CONFLICT, with what the other changed.
    const { stackVersion } = await control.getStack({ name: spec.name });
    const expected = stackVersion === undefined ? {} : { expectedVersion: stackVersion };
    const reply = await control.applyStack({
      spec,
      ...expected,
      dryRun: false,
      removeOrphans: options.removeOrphans ?? false,
      services,
      files,
      declared,
    });
    // With JSON they are part of the document.
    if (!json) for (const warning of reply.warnings) printWarning(io, warning);
    const selector = `-p ${spec.name}`;
    if (options.detach) {
      if (json) io.stdout.write(resultDocument(await control.getStack({ name: spec.name }), false, reply, warnings));
      else io.stderr.write(`Stack ${spec.name} is accepted. See it with tso ps ${selector}, follow it with tso logs -f ${selector}.\n`);
      return exitCodes.done;
    }
    const { code, standing } = await followStack(
      control,
      {
        stack: spec.name,
        services: services.length > 0 ? services : spec.services.map((service) => service.name),
        goal: 'converged',
        minVersion: reply.version,
        timeoutMs: options.timeout,
        progress: json ? 'quiet' : (options.progress ?? 'auto'),
        selector,
      },
      io,
    );
    const unanswered = code === exitCodes.done ? await unansweredOf(control, spec) : [];
    if (!json) for (const warning of unanswered) printWarning(io, warning);
    if (json && code === exitCodes.done)
      io.stdout.write(
        resultDocument(await control.getStack({ name: spec.name }), standing.length === 0, reply, [...warnings, ...unanswered]),
      );
    else if (code === exitCodes.done && standing.length === 0) io.stderr.write(`Stack ${spec.name} is up.\n`);
    return code;
  });
};

const up = async (call: Call<UpOptions>): Promise<number> => {
  const { io, options, args, json } = call;
  const loaded = await loadStack(options, io, json, args);
  if (typeof loaded === 'number') return loaded;
  if (!json) await tell(io, loaded.warnings);
  const wish: Wish = { spec: adjustSpec(loaded.spec, options), files: loaded.contents, declared: loaded.declared };
  if (options.dryRun) {
    const { previewStack } = await import('../preview-stack.ts');
    await previewStack(call, wish, loaded.builds);
    if (json) await tell(io, loaded.warnings);
    return exitCodes.done;
  }
  const warnings = loaded.warnings.map(diagnosticLine);
  const onWarning = (warning: string): void => void (json ? warnings.push(warning) : printWarning(io, warning));
  if (call.context.remote === undefined) {
    const { ensureCluster, ensureDaemon } = await import('../daemon-start.ts');
    await ensureDaemon(call);
    await ensureCluster(call);
  }
  const { built } = await import('../preview-stack.ts');
  return apply(call, { ...wish, spec: await built(call, wish.spec, loaded.builds, onWarning) }, args, warnings);
};

export const registerUp: Registrar = (program, host) => {
  const command = program
    .command('up')
    .description('apply a stack and wait until it runs')
    .argument('[service...]', 'only these services')
    .option('--scale <service=n>', 'number of tasks of a service (repeatable)', collect(parseScale))
    .option('-d, --detach', 'return once the cluster accepted it')
    .option('--timeout <seconds>', 'give up waiting after this long, exit code 3', parseTimeout)
    .option('--dry-run', 'print what would change, change nothing')
    .option('--remove-orphans', 'remove services that the files no longer name')
    .addOption(new Option('--pull <policy>', 'when to pull images').choices(['always', 'missing', 'never']))
    .option('--build', 'build images anew, also those that the cluster has')
    .addOption(new Option('--progress <mode>', 'live view or lines').choices(['auto', 'plain', 'quiet']))
    .addOption(formatOption())
    .action(host.act(up));
  for (const option of [...loadOptions(), strictOption()]) command.addOption(option);
  addPlaceOptions(command);
  example(command, 'tso up -f stack.yml', 'tso up -f stack.yml --scale web=5 --timeout 60');
};
