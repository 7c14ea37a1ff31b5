import { type ServiceSpec, ServiceVerb, type ServiceView } from '@tso/proto';
import type { Call } from '../command-host.ts';
import { type ControlClient, withControl } from '../control-client.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { printWarning } from '../failure.ts';
import { writeOut } from '../io.ts';
import { colorsFor, columnsOf } from '../output/color.ts';
import { jsonDocument } from '../output/json.ts';
import { diffDocument, diffText } from '../view-model/diff-text.ts';
import { FlagProblem, type FlagTools, type Named } from '../view-model/service-flags/flag.ts';
import { forced, type GivenFlag, givenFlags, patchService } from '../view-model/service-patch.ts';
import { awaitAll, type ChangeServicesOptions, conclude } from './change-services.ts';
import { fragmentParser } from './compose-fragment.ts';
import { rebalanceNamed } from './rebalance.ts';
import { changeNamedServices } from './service-verbs.ts';
import { namedServices } from './services.ts';

export interface UpdateOptions extends ChangeServicesOptions {
  readonly rebalance?: boolean;
  readonly continue?: boolean;
  readonly force?: boolean;
  readonly rollback?: boolean;
  readonly dryRun?: boolean;
  /** What the flags of services were told, by their names as they are typed. */
  readonly [flag: string]: unknown;
}

/** What may be told beside flags that change the service: nothing; each is a command of its own. */
const alone = { rebalance: '--rebalance', continue: '--continue', rollback: '--rollback' } as const;

const aloneOf = (options: UpdateOptions, given: readonly GivenFlag[]): keyof typeof alone | undefined => {
  const said = (Object.keys(alone) as readonly (keyof typeof alone)[]).filter((name) => options[name] === true);
  const [first, second] = said;
  const other = second === undefined ? (given[0] === undefined ? undefined : `--${given[0].flag.name}`) : alone[second];
  const beside = other ?? (options.force === true ? '--force' : options.dryRun === true ? '--dry-run' : undefined);
  if (first !== undefined && beside !== undefined)
    throw new UsageError(`${alone[first]} and ${beside} are told together`, 'Give one after the other.');
  return first;
};

/** The full name of what a flag names: as it is, else within the stack. */
const namesOf = async (
  control: ControlClient,
  stack: string,
  given: readonly GivenFlag[],
): Promise<Readonly<Record<Named, ReadonlySet<string>>>> => {
  const asks = (word: string): boolean => given.some(({ flag }) => flag.name.startsWith(word));
  const [view, networks, secrets, configs] = await Promise.all([
    asks('mount') ? control.getStack({ name: stack }) : undefined,
    asks('network') ? control.listNetworks({}) : undefined,
    asks('secret') ? control.listSecrets({}) : undefined,
    asks('config') ? control.listConfigs({}) : undefined,
  ]);
  return {
    volume: new Set(view?.volumes.map(({ spec }) => spec.name)),
    network: new Set(networks?.networks.map(({ network }) => network.spec.name)),
    secret: new Set(secrets?.secrets.map(({ name }) => name)),
    config: new Set(configs?.configs.map(({ name }) => name)),
  };
};

const fullNames =
  (stack: string, names: Readonly<Record<Named, ReadonlySet<string>>>): FlagTools['fullName'] =>
  (kind, name) => {
    const within = `${stack}_${name}`;
    // One that nobody knows is refused by the cluster, under the name that was typed.
    return !names[kind].has(name) && names[kind].has(within) ? within : name;
  };

const patched = async (call: Call<UpdateOptions>, control: ControlClient, { service }: ServiceView, given: readonly GivenFlag[]) => {
  const { io, options } = call;
  const tools: FlagTools = {
    parse: fragmentParser(service.stack, service.spec.name, (text) => printWarning(io, text)),
    fullName: fullNames(service.stack, await namesOf(control, service.stack, given)),
    env: io.env,
  };
  try {
    const spec: ServiceSpec = patchService(service.spec, given, tools);
    return options.force === true ? forced(spec) : spec;
  } catch (error) {
    if (error instanceof FlagProblem) throw new UsageError(error.message, error.hint);
    throw error;
  }
};

/** Read, changed and written back: who changed it in between is not overruled. */
const replaceSpec = async (call: Call<UpdateOptions>, given: readonly GivenFlag[]): Promise<number> => {
  const { io, options, args, context, json } = call;
  if (args.length > 1)
    throw new UsageError(`${args.length} services are named`, 'These flags change one service at a time; --force alone may name several.');
  return withControl(context, io.uid, async (control) => {
    const [view] = await namedServices(io, control, options, args);
    if (view === undefined) return exitCodes.done;
    const { stack, meta } = view.service;
    const spec = await patched(call, control, view, given);
    const dryRun = options.dryRun === true;
    const reply = await control.updateService({ stack, spec, expectedVersion: meta.version, dryRun });
    for (const warning of reply.warnings) printWarning(io, warning);
    if (dryRun) {
      await writeOut(
        io.stdout,
        json ? jsonDocument(diffDocument(reply)) : diffText(reply, columnsOf(io.stdout), colorsFor(io.stdout, io.env)),
      );
      return exitCodes.done;
    }
    const changed = [{ stack, services: [spec.name], reply }];
    const isSame = reply.changes.every(({ action }) => action === 'none');
    const done = isSame ? 'is that already' : options.detach ? 'is to be updated' : 'is updated';
    return conclude(call, changed, await awaitAll(call, control, changed), `${spec.name} ${done}.`);
  });
};

/** `tso service update`. */
export const updateServices = async (call: Call<UpdateOptions>): Promise<number> => {
  const { options } = call;
  const given = givenFlags(({ name, value }) => {
    const said = options[name];
    if (value !== undefined) return Array.isArray(said) ? said.map(String) : typeof said === 'string' ? [said] : undefined;
    return typeof said === 'boolean' ? [String(said)] : undefined;
  });
  const only = aloneOf(options, given);
  if (only === 'rebalance') return rebalanceNamed(call);
  if (only === 'continue') return changeNamedServices(call, ServiceVerb.VERB_CONTINUE);
  if (only === 'rollback') return changeNamedServices(call, ServiceVerb.VERB_ROLLBACK);
  if (given.length > 0 || options.dryRun === true) return replaceSpec(call, given);
  if (options.force === true) return changeNamedServices(call, ServiceVerb.VERB_RESTART);
  throw new UsageError('tso service update was not told what to change', 'Give a flag such as --image or --env-add; --help lists them.');
};
