import {
  type ChangeServicesReply,
  type ChangeServicesRequest,
  type RebalanceServicesReply,
  type RebalanceServicesRequest,
  type ScaleServicesReply,
  type ScaleServicesRequest,
  ServiceVerb,
  type UpdateServiceReply,
  type UpdateServiceRequest,
} from '@tso/proto';
import type { CallContext, Control as ControlService, Handlers } from '@tso/proto/rpc';
import type { View } from '../store/view.ts';
import type { StackChanges } from './changes.ts';
import { type ExplainTask, explainPlacements } from './placements.ts';
import { type PlansAhead, previewOf } from './preview.ts';
import { type MovesAhead, rebalanceChanges } from './rebalance.ts';
import { scaleChanges } from './scale.ts';
import { updateServiceChanges } from './service-update.ts';
import { verbChanges } from './verbs.ts';
import type { WishedBy } from './wish-parts.ts';
import type { Wish, WritesPorts, WriteWish } from './writes.ts';

export interface ServicesPorts extends WritesPorts {
  readonly write: WriteWish<Wish>;
  /** What the view shows, not older than the call. */
  readonly read: <T>(read: (view: View) => T) => Promise<T>;
  readonly by: (context: CallContext) => WishedBy & { readonly now: number };
  readonly movesAhead: MovesAhead;
  readonly explainTask: ExplainTask;
  readonly plansAhead: PlansAhead;
}

type Served = 'scaleServices' | 'rebalanceServices' | 'updateService' | 'changeServices' | 'explainPlacement';

const targetText = (stack: string, services: readonly string[]): string =>
  services.length === 0 ? `stack ${stack}` : `stack ${stack}: ${services.join(', ')}`;

/** `restart` */
const verbText = (verb: ServiceVerb): string =>
  (Object.entries(ServiceVerb).find(([, value]) => value === verb)?.[0] ?? 'change').toLowerCase().replace(/^verb_/, '');

/** What operators ask of single services of a stack. */
export const serviceHandlers = (ports: ServicesPorts): Pick<Handlers<typeof ControlService>, Served> => ({
  scaleServices: (request, context) => scaleServices(ports, request, context),
  rebalanceServices: (request, context) => rebalanceServices(ports, request, context),
  updateService: (request, context) => updateService(ports, request, context),
  changeServices: (request, context) => changeServices(ports, request, context),
  explainPlacement: (request) => ports.read((view) => explainPlacements(view, request, ports.clock.now(), ports.explainTask)),
});

const scaleServices = (ports: ServicesPorts, request: ScaleServicesRequest, context: CallContext): Promise<ScaleServicesReply> => {
  const { stack, scales } = request;
  const wished = scales.map(({ service, replicas }) => `${service}=${replicas}`).join(', ');
  return ports.write({ context, method: 'scaleServices', request, target: `stack ${stack}: ${wished}` }, () => {
    const { actions, changes } = scaleChanges(ports.proposer.view, stack, scales, ports.by(context));
    return { actions, reply: { changes } };
  });
};

const rebalanceServices = (
  ports: ServicesPorts,
  request: RebalanceServicesRequest,
  context: CallContext,
): Promise<RebalanceServicesReply> => {
  const { stack, services } = request;
  const { proposer, clock, movesAhead } = ports;
  if (request.dryRun === true) {
    return ports.read((view) => {
      const { changes } = rebalanceChanges(view, stack, services, clock.now(), movesAhead);
      return { version: view.index, changes };
    });
  }
  return ports.write({ context, method: 'rebalanceServices', request, target: targetText(stack, services) }, () => {
    const { actions, changes } = rebalanceChanges(proposer.view, stack, services, clock.now(), movesAhead);
    return { actions, reply: { changes } };
  });
};

const updateService = (ports: ServicesPorts, request: UpdateServiceRequest, context: CallContext): Promise<UpdateServiceReply> => {
  const decide = (view: View): StackChanges => updateServiceChanges(view, request, ports.by(context));
  if (request.dryRun) {
    return ports.read((view) => {
      const { actions, changes, warnings } = decide(view);
      const { preview, warnings: more } = previewOf(ports.plansAhead, view, actions, request.stack, ports.clock.now());
      return { version: view.index, changes, warnings: [...warnings, ...more], preview };
    });
  }
  const target = targetText(request.stack, [request.spec.name]);
  return ports.write({ context, method: 'updateService', request, target }, () => {
    const { actions, changes, warnings } = decide(ports.proposer.view);
    return { actions, reply: { changes, warnings } };
  });
};

const changeServices = (ports: ServicesPorts, request: ChangeServicesRequest, context: CallContext): Promise<ChangeServicesReply> => {
  const { stack, services, verb } = request;
  const target = `${verbText(verb)} ${targetText(stack, services)}`;
  return ports.write({ context, method: 'changeServices', request, target }, () => {
    const { actions, changes } = verbChanges(ports.proposer.view, request, ports.by(context));
    return { actions, reply: { changes } };
  });
};
