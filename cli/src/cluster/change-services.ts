import type { ObjectChange } from '@tso/proto';
import type { Call } from '../command-host.ts';
import { type ControlClient, withControl } from '../control-client.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { type ProgressOptions, waitingOptions } from '../follow-progress.ts';
import { type Followed, followStack } from '../follow-stack.ts';
import { parseScale, type Scale } from '../options.ts';
import { jsonDocument } from '../output/json.ts';
import type { SelectionOptions } from '../project.ts';
import { byStack, serviceFinder } from './services.ts';

export interface ChangeServicesOptions extends SelectionOptions, ProgressOptions {
  readonly detach?: boolean;
}

/** Services of one stack that were changed together. */
export interface Changed {
  readonly stack: string;
  readonly services: readonly string[];
  readonly reply: { readonly version: number; readonly changes: readonly ObjectChange[] };
}

/** All are changed before the first is waited for: they move side by side. */
export const awaitAll = async (
  call: Call<ChangeServicesOptions>,
  control: ControlClient,
  changed: readonly Changed[],
): Promise<Followed> => {
  const standing: string[] = [];
  for (const { stack, services, reply } of call.options.detach ? [] : changed) {
    const request = {
      stack,
      services,
      goal: 'converged' as const,
      minVersion: reply.version,
      selector: `-p ${stack}`,
      ...waitingOptions(call.options, call.json),
    };
    const followed = await followStack(control, request, call.io);
    if (followed.code !== exitCodes.done) return followed;
    standing.push(...followed.standing);
  }
  return { code: exitCodes.done, standing };
};

/** Tells what was done; of an update that stands still it has been told already. */
export const conclude = (
  { io, json, options }: Call<ChangeServicesOptions>,
  changed: readonly Changed[],
  { code, standing }: Followed,
  text: string,
): number => {
  if (code !== exitCodes.done) return code;
  if (json) io.stdout.write(jsonDocument(changed.flatMap(({ reply }) => reply.changes)));
  else if (!options.quiet && standing.length === 0) io.stderr.write(`${text}\n`);
  return code;
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
    const followed = await awaitAll(call, control, changed);
    const text = scales.map(({ service, replicas }) => `${service} is ${options.detach ? 'to have' : 'at'} ${replicas}`).join(', ');
    return conclude(call, changed, followed, `${text}.`);
  });
};
