import {
  type ApplyStackReply,
  type FileContent,
  type ObjectChange,
  PublishMode,
  PullPolicy,
  ServiceMode,
  type ServiceSpec,
  type StackSpec,
  type StackView,
  TsoError,
} from '@tso/proto';
import type { Control, RpcClient } from '@tso/proto/rpc';
import { Option } from 'commander';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import { exitCodes } from '../exit-codes.ts';
import { printWarning } from '../failure.ts';
import { followStack, type ProgressMode } from '../follow-stack.ts';
import { diagnosticLine, type FileOptions, type LoadedStack, loadOptions, loadStack, strictOption, tell } from '../load-stack.ts';
import { collect, parseScale, parseTimeout, type Scale } from '../options.ts';
import { jsonDocument } from '../output/json.ts';
import { allCreated, changesText } from '../view-model/changes.ts';
import { serviceRow } from '../view-model/service-row.ts';
import { unansweredPorts } from '../view-model/unanswered-ports.ts';

interface UpOptions extends FileOptions {
  readonly scale?: readonly Scale[];
  readonly detach?: boolean;
  readonly timeout?: number;
  readonly dryRun?: boolean;
  readonly removeOrphans?: boolean;
  readonly pull?: 'always' | 'missing' | 'never';
  readonly build?: boolean;
  readonly progress?: ProgressMode;
}

const pullPolicies = { always: PullPolicy.PULL_ALWAYS, missing: PullPolicy.PULL_MISSING, never: PullPolicy.PULL_NEVER } as const;

const scaled = (service: ServiceSpec, scales: readonly Scale[]): ServiceSpec => {
  const scale = scales.findLast((one) => one.service === service.name);
  if (scale === undefined) return service;
  if (service.mode === ServiceMode.GLOBAL || service.mode === ServiceMode.GLOBAL_JOB) {
    throw new TsoError(
      'INVALID_ARGUMENT',
      `--scale ${service.name}=${scale.replicas}: the service is global, it has one task on each node`,
      {
        hint: 'Remove deploy.mode from it, or the option.',
      },
    );
  }
  if (service.job !== undefined) {
    // Of a job it is how often it is to complete; all at once, as replicas in a file mean it, unless the file has fewer at once.
    const { totalCompletions, maxConcurrent } = service.job;
    return {
      ...service,
      job: { totalCompletions: scale.replicas, maxConcurrent: maxConcurrent === totalCompletions ? scale.replicas : maxConcurrent },
    };
  }
  return { ...service, replicas: scale.replicas };
};

/** What is applied: the wish, and what its secrets and configs hold. */
interface Wish {
  readonly spec: StackSpec;
  readonly files: readonly FileContent[];
}

/** The wish with what the command line says about it. */
export const adjustSpec = (spec: StackSpec, options: Pick<UpOptions, 'scale' | 'pull'>): StackSpec => {
  const scales = options.scale ?? [];
  const unknown = scales.find((scale) => !spec.services.some((service) => service.name === scale.service));
  if (unknown !== undefined) {
    throw new TsoError(
      'NOT_FOUND',
      `--scale ${unknown.service}=${unknown.replicas}: there is no service ${unknown.service} in ${spec.name}`,
      {
        hint: `It has: ${spec.services.map((service) => service.name).join(', ')}.`,
      },
    );
  }
  const pullPolicy = options.pull === undefined ? undefined : pullPolicies[options.pull];
  const services = spec.services.map((service) => {
    const after = scaled(service, scales);
    if (pullPolicy === undefined) return after;
    return { ...after, task: { ...after.task, container: { ...after.task.container, pullPolicy } } };
  });
  return { ...spec, services };
};

const printChanges = ({ io, json }: Call<UpOptions>, changes: readonly ObjectChange[]): void => {
  io.stdout.write(json ? jsonDocument(changes) : changesText(changes));
};

/** The wish with what its services are to be built from, built when that is due; without such services nobody is asked. */
const built = async (
  call: Call<UpOptions>,
  spec: StackSpec,
  builds: LoadedStack['builds'],
  onWarning: (warning: string) => void,
): Promise<StackSpec> => {
  // Of only some services one may run what is built for another that is not named now.
  if (builds.length === 0 && call.args.length === 0) return spec;
  const { io, options, context, json } = call;
  const { withControl } = await import('../control-client.ts');
  const { buildForUp } = await import('../build/build-for-up.ts');
  const { services } = await withControl(context, io.uid, (control) => control.getStack({ name: spec.name }));
  const known = services.flatMap(({ service }) => (service.removing ? [] : [service.spec]));
  return buildForUp(call, spec, builds, known, {
    isAsked: options.build === true,
    isDryRun: options.dryRun === true,
    quiet: json || options.progress === 'quiet',
    onWarning,
  });
};

/** What `up` would change. Its document has no room for warnings: they are told beside it, when nothing failed. */
const dryRun = async (call: Call<UpOptions>, { spec, files }: Wish, builds: LoadedStack['builds']): Promise<number> => {
  const { io, options, args: services, context, engine, json } = call;
  const onWarning = (warning: string): void => printWarning(io, warning);
  // A host without a cluster would start one; managers elsewhere have theirs.
  const isOfNone =
    context.remote === undefined &&
    (await engine.call<{ Swarm: { LocalNodeState: string } }>({ method: 'GET', path: '/info' })).Swarm.LocalNodeState !== 'active';
  if (isOfNone) {
    const { buildForUp } = await import('../build/build-for-up.ts');
    await buildForUp(call, spec, builds, [], { isAsked: true, isDryRun: true, quiet: json, onWarning });
    printChanges(call, allCreated(spec));
    return exitCodes.done;
  }
  const { withControl } = await import('../control-client.ts');
  const withImages = await built(call, spec, builds, onWarning);
  const reply = await withControl(context, io.uid, (control) =>
    control.applyStack({ spec: withImages, dryRun: true, removeOrphans: options.removeOrphans ?? false, services, files }),
  );
  printChanges(call, reply.changes);
  reply.warnings.forEach(onWarning);
  return exitCodes.done;
};

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
  { spec, files }: Wish,
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
    });
    // With JSON they are part of the document.
    if (!json) for (const warning of reply.warnings) printWarning(io, warning);
    const selector = `-p ${spec.name}`;
    if (options.detach) {
      if (json) io.stdout.write(resultDocument(await control.getStack({ name: spec.name }), false, reply, warnings));
      else io.stderr.write(`Stack ${spec.name} is accepted. See it with tso ps ${selector}, follow it with tso logs -f ${selector}.\n`);
      return exitCodes.done;
    }
    const code = await followStack(
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
      io.stdout.write(resultDocument(await control.getStack({ name: spec.name }), true, reply, [...warnings, ...unanswered]));
    else if (code === exitCodes.done) io.stderr.write(`Stack ${spec.name} is up.\n`);
    return code;
  });
};

const up = async (call: Call<UpOptions>): Promise<number> => {
  const { io, options, args, json } = call;
  const loaded = await loadStack(options, io, json, args);
  if (typeof loaded === 'number') return loaded;
  if (!json) await tell(io, loaded.warnings);
  const wish: Wish = { spec: adjustSpec(loaded.spec, options), files: loaded.contents };
  if (options.dryRun) {
    const code = await dryRun(call, wish, loaded.builds);
    if (json) await tell(io, loaded.warnings);
    return code;
  }
  const warnings = loaded.warnings.map(diagnosticLine);
  const onWarning = (warning: string): void => void (json ? warnings.push(warning) : printWarning(io, warning));
  if (call.context.remote === undefined) {
    const { ensureCluster, ensureDaemon } = await import('../daemon-start.ts');
    await ensureDaemon(call);
    await ensureCluster(call);
  }
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
