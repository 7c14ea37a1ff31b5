import type { ObjectChange } from '@tso/proto';
import type { Call } from '../command-host.ts';
import { type ControlClient, withControl } from '../control-client.ts';
import { exitCodes } from '../exit-codes.ts';
import { writeOut } from '../io.ts';
import { jsonDocument } from '../output/json.ts';
import { requireStack } from '../stack-selection.ts';
import { movesText, rebalancedText } from '../view-model/rebalance-text.ts';
import { leftAlone } from '../view-model/verb-text.ts';
import { awaitAll, type Changed, type ChangeServicesOptions, conclude } from './change-services.ts';
import { byStack, namedServices } from './services.ts';

export interface RebalanceOptions extends ChangeServicesOptions {
  readonly dryRun?: boolean;
}

/** What has nothing to be moved is told with the reason, and not waited for. */
const spread = async (call: Call<RebalanceOptions>, control: ControlClient, asked: readonly Changed[]): Promise<number> => {
  const changes = asked.flatMap(({ reply }) => reply.changes);
  const alone = leftAlone(changes);
  const moving = asked
    .map((one) => ({ ...one, services: one.services.filter((name) => !alone.has(name)) }))
    .filter(({ services }) => services.length > 0);
  const followed = await awaitAll(call, control, moving);
  const names = moving.flatMap(({ services }) => services);
  return conclude(call, asked, followed, rebalancedText(names, changes, call.options.detach ?? false));
};

const tell = async ({ io, json }: Call<RebalanceOptions>, changes: readonly ObjectChange[]): Promise<number> => {
  await writeOut(io.stdout, json ? jsonDocument(changes) : movesText(changes));
  return exitCodes.done;
};

/** `tso rebalance [SERVICE…]`: of the stack that is meant, all of its services when none is named. */
export const rebalanceStack = async (call: Call<RebalanceOptions>): Promise<number> => {
  const { io, options, args, context } = call;
  return withControl(context, io.uid, async (control) => {
    const { name: stack } = await requireStack(options, io, control);
    const dryRun = options.dryRun === true;
    const reply = await control.rebalanceServices({ stack, services: args, ...(dryRun ? { dryRun } : {}) });
    if (dryRun) return tell(call, reply.changes);
    const services = args.length > 0 ? args : reply.changes.map(({ name }) => name);
    return spread(call, control, [{ stack, services, reply }]);
  });
};

/** `tso service update --rebalance`: services of any stack. */
export const rebalanceNamed = async (call: Call<ChangeServicesOptions>): Promise<number> => {
  const { io, options, args, context } = call;
  return withControl(context, io.uid, async (control) => {
    const services = await namedServices(io, control, options, args);
    const asked: Changed[] = [];
    for (const [stack, group] of byStack(services, ({ service }) => service.stack)) {
      const names = group.map(({ service }) => service.spec.name);
      asked.push({ stack, services: names, reply: await control.rebalanceServices({ stack, services: names }) });
    }
    return spread(call, control, asked);
  });
};
