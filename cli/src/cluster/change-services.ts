import type { ObjectChange } from '@tso/proto';
import type { Call } from '../command-host.ts';
import { type ControlClient, withControl } from '../control-client.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { type ProgressOptions, waitingOptions } from '../follow-progress.ts';
import { followStack } from '../follow-stack.ts';
import { parseScale, type Scale } from '../options.ts';
import { jsonDocument } from '../output/json.ts';
import type { SelectionOptions } from '../project.ts';
import { byStack, namedServices, serviceFinder } from './services.ts';

export interface ChangeServicesOptions extends SelectionOptions, ProgressOptions {
  readonly detach?: boolean;
  readonly rebalance?: boolean;
}

/** Services of one stack that were changed together. */
interface Changed {
  readonly stack: string;
  readonly services: readonly string[];
  readonly reply: { readonly version: number; readonly changes: readonly ObjectChange[] };
}

/** All are changed before the first is waited for: they move side by side. */
const awaitAll = async (call: Call<ChangeServicesOptions>, control: ControlClient, changed: readonly Changed[]): Promise<number> => {
  for (const { stack, services, reply } of call.options.detach ? [] : changed) {
    const request = {
      stack,
      services,
      goal: 'converged' as const,
      minVersion: reply.version,
      selector: `-p ${stack}`,
      ...waitingOptions(call.options, call.json),
    };
    const code = await followStack(control, request, call.io);
    if (code !== exitCodes.done) return code;
  }
  return exitCodes.done;
};

const conclude = ({ io, json, options }: Call<ChangeServicesOptions>, changed: readonly Changed[], text: string): number => {
  if (json) io.stdout.write(jsonDocument(changed.flatMap(({ reply }) => reply.changes)));
  else if (!options.quiet) io.stderr.write(`${text}\n`);
  return exitCodes.done;
};

const scaleOf = (text: string): Scale => {
  try {
    return parseScale(text);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
};

/** `tso service scale`: also services of several stacks at once. */
export const scaleServices = async (call: Call<ChangeServicesOptions>): Promise<number> => {
  const { io, options, args, context } = call;
  const wishes = args.map(scaleOf);
  return withControl(context, io.uid, async (control) => {
    const find = await serviceFinder(io, control, options);
    const scales = wishes.map(({ service: name, replicas }) => {
      const { service } = find(name);
      return { stack: service.stack, service: service.spec.name, replicas };
    });
    const changed: Changed[] = [];
    for (const [stack, group] of byStack(scales, (scale) => scale.stack)) {
      const reply = await control.scaleServices({ stack, scales: group.map(({ service, replicas }) => ({ service, replicas })) });
      changed.push({ stack, services: group.map(({ service }) => service), reply });
    }
    const code = await awaitAll(call, control, changed);
    if (code !== exitCodes.done) return code;
    const text = scales.map(({ service, replicas }) => `${service} is ${options.detach ? 'to have' : 'at'} ${replicas}`).join(', ');
    return conclude(call, changed, `${text}.`);
  });
};

/** Those of which nothing will be moved, each with why. */
const leftAlone = (changes: readonly ObjectChange[]): ReadonlyMap<string, string> =>
  new Map(changes.filter(({ action }) => action === 'none').map(({ name, changes: [why] }) => [name, why?.to ?? '']));

/** `web: tasks are spread over the nodes as they are now. db: stays as it is, its data is in volume x, which stays where it is.` */
const rebalancedText = (changed: readonly Changed[], left: readonly (readonly [string, string])[], detach: boolean): string => {
  const names = changed.flatMap(({ services }) => services).join(', ');
  const moved = detach ? 'tasks are to be spread anew' : 'tasks are spread over the nodes as they are now';
  const stays = left.map(([name, why]) => `${name}: stays as it is${why === '' ? '' : `, ${why}`}.`);
  return [...(names === '' ? [] : [`${names}: ${moved}.`]), ...stays].join(' ');
};

/** `tso service update --rebalance`. What has nothing to be moved is told with the reason, and not waited for. */
export const updateServices = async (call: Call<ChangeServicesOptions>): Promise<number> => {
  const { io, options, args, context } = call;
  if (!options.rebalance) {
    throw new UsageError(
      'tso service update was not told what to change',
      'Give --rebalance; everything else is changed in the compose file: tso up.',
    );
  }
  return withControl(context, io.uid, async (control) => {
    const services = await namedServices(io, control, options, args);
    const asked: Changed[] = [];
    const left: (readonly [string, string])[] = [];
    for (const [stack, group] of byStack(services, ({ service }) => service.stack)) {
      const names = group.map(({ service }) => service.spec.name);
      const reply = await control.rebalanceServices({ stack, services: names });
      const alone = leftAlone(reply.changes);
      left.push(...alone);
      asked.push({ stack, services: names.filter((name) => !alone.has(name)), reply });
    }
    const moving = asked.filter((one) => one.services.length > 0);
    const code = await awaitAll(call, control, moving);
    return code === exitCodes.done ? conclude(call, asked, rebalancedText(moving, left, options.detach ?? false)) : code;
  });
};
