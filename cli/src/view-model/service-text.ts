import { EndpointMode, FileKind, PlacementStrategy, PublishMode, RebalanceMode, type ServiceView, shortId, UpdateState } from '@tso/proto';
import { autoscaleText } from './autoscale-text.ts';
import { countsText, isJob, modeText, shortCounts } from './job-text.ts';
import { scheduleDetails, scheduleSummary } from './schedule-text.ts';
import type { VipRow } from './service-row.ts';
import { endedLines, placedLines } from './task-reasons.ts';
import { durationText, oneLine } from './task-text.ts';

export const serviceColumns = [
  { title: 'ID' },
  { title: 'STACK' },
  { title: 'NAME' },
  { title: 'MODE' },
  { title: 'TASKS', align: 'right' },
  { title: 'IMAGE' },
  { title: 'PORTS' },
  { title: 'MESSAGE', wrap: true },
] as const;

const portsText = ({ service }: ServiceView): string =>
  service.ports
    .map((port) => `${port.published === 0 ? '' : `${port.published}->`}${port.target}${port.mode === PublishMode.HOST ? ' (host)' : ''}`)
    .join(', ');

const stateText = (view: ServiceView, nowMs: number): string => {
  if (view.service.removing) return 'being removed';
  if (view.service.stopped) return view.waitingReason === '' ? 'stopped' : `being stopped: ${oneLine(view.waitingReason)}`;
  if (view.waitingReason !== '') return oneLine(view.waitingReason);
  if (view.service.rebalanced < view.service.rebalance) return 'its tasks are being spread anew';
  return scheduleSummary(view, nowMs);
};

/** A service as a line for people. */
export const serviceCells = (view: ServiceView, nowMs: number): readonly string[] => [
  shortId(view.service.id),
  view.service.stack,
  view.service.spec.name,
  modeText(view),
  shortCounts(view),
  view.service.spec.task.container.image,
  portsText(view),
  stateText(view, nowMs),
];

const updateNames: Readonly<Record<UpdateState, string>> = {
  [UpdateState.UPDATE_NONE]: '',
  [UpdateState.UPDATING]: 'under way',
  [UpdateState.UPDATE_PAUSED]: 'paused',
  [UpdateState.UPDATE_COMPLETED]: 'completed',
  [UpdateState.ROLLBACK_STARTED]: 'rolling back',
  [UpdateState.ROLLBACK_PAUSED]: 'rollback paused',
  [UpdateState.ROLLBACK_COMPLETED]: 'rolled back',
};

const updateText = ({ service }: ServiceView): string => {
  const isWished = service.update?.state === UpdateState.UPDATE_PAUSED && service.update.wished === true;
  const state = isWished ? 'stands still, as it was asked to' : updateNames[service.update?.state ?? UpdateState.UPDATE_NONE];
  const message = oneLine(service.update?.message ?? '');
  return message === '' ? state : `${state}: ${message}`;
};

/** All that there is to say of one service, as name and value. */
export const serviceDetails = (view: ServiceView, nowMs: number, vips: readonly VipRow[] = []): readonly (readonly [string, string])[] => {
  const { service } = view;
  const { spec } = service;
  const { container } = spec.task;
  const limits = updateLimits(view);
  const rows: readonly (readonly [string, string])[] = [
    ['Id', service.id],
    ['Stack', service.stack],
    ['Name', spec.name],
    ['Mode', modeText(view)],
    ['Tasks', isJob(view) ? countsText(view) : `${countsText(view)}, ${view.healthy} healthy`],
    ['State', view.converged && !service.stopped ? 'as wished' : stateText(view, nowMs) || 'under way'],
    ['Autoscale', autoscaleText(view, nowMs)],
    ...scheduleDetails(view, nowMs),
    ['Image', container.image],
    ['Command', oneLine([...(container.entrypoint?.values ?? []), ...(container.command?.values ?? [])].join(' '))],
    ['Ports', portsText(view)],
    ['Endpoint', endpointText(view)],
    ['Addresses', vips.map(vipText).join('; ')],
    ['Secrets', filesText(view, FileKind.SECRET_FILE)],
    ['Configs', filesText(view, FileKind.CONFIG_FILE)],
    ['Constraints', spec.task.placement.constraints.join(', ')],
    ['Reserves', spec.task.generic.map(({ kind, count }) => `${count} ${oneLine(kind)}`).join(', ')],
    ['Strategy', spec.task.placement.strategy === PlacementStrategy.BINPACK ? 'binpack: onto the fullest node that fits' : ''],
    ['Priority', spec.priority === 0 ? '' : String(spec.priority)],
    ...placedLines(view),
    ...endedLines(view),
    ['Update', updateText(view)],
    ['Limits', limits],
    ['Rebalancing', rebalanceText(view, nowMs)],
    ['Version', String(service.meta.version)],
  ];
  return rows.filter(([, value]) => value !== '');
};

/** `10.20.0.2, fd00:20::2 on shop_back`. */
const vipText = ({ network, address, address6 }: VipRow): string =>
  `${[address, address6].filter((one) => one !== '').join(', ')} on ${oneLine(network)}`;

/** `visits_key at /run/secrets/key`. */
const filesText = ({ service: { spec } }: ServiceView, kind: FileKind): string =>
  spec.task.container.files
    .filter((file) => file.kind === kind)
    .map(({ name, target }) => `${oneLine(name)} at ${oneLine(target)}`)
    .join(', ');

/** `vip; a client stays with its task`. */
const endpointText = ({ service: { spec } }: ServiceView): string => {
  const mode = spec.endpointMode === EndpointMode.DNSRR ? 'dnsrr' : 'vip';
  const drain = spec.drainMs === undefined || spec.drainMs === null ? '' : `drains for ${durationText(spec.drainMs)}`;
  return [mode, spec.affinity ? 'a client stays with its task' : '', drain].filter((part) => part !== '').join('; ');
};

const updateLimits = (view: ServiceView): string => {
  const { service } = view;
  const atOnce = service.spec.job?.maxConcurrent ?? 0;
  if (isJob(view)) return `${atOnce === 0 ? 'all' : atOnce} at a time`;
  const { parallelism, delayMs } = service.spec.update;
  return `${parallelism === 0 ? 'all' : parallelism} at a time${delayMs === 0 ? '' : `, ${durationText(delayMs)} between`}`;
};

const rebalanceText = ({ service }: ServiceView, nowMs: number): string => {
  const policy = service.spec.rebalance === RebalanceMode.REBALANCE_AUTO ? 'by itself when a node comes or returns' : 'only when asked for';
  const last = service.rebalancedAtMs === 0 ? '' : `; last move ${durationText(nowMs - service.rebalancedAtMs)} ago`;
  return `${policy}${last}`;
};
