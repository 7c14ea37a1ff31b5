import { PublishMode, type ServiceSpec, type StackSpec, UpdateOrder } from '@tso/proto';
import { maxCountedAttempts } from '../rules/restart-policy.ts';
import { durationText, portText } from '../rules/words.ts';

const attemptWarnings = (at: string, { task: { restart } }: ServiceSpec): readonly string[] => {
  const { maxAttempts, windowMs, delayMs } = restart;
  if (maxAttempts > maxCountedAttempts)
    return [`${at}: more than ${maxCountedAttempts} restart attempts are not counted and mean no limit`];
  // In Swarm such a window never lets the attempts run out. Here it is told apart how long a task ran, which has nothing to do with the delay.
  if (maxAttempts === 0 || windowMs === 0 || windowMs > delayMs) return [];
  const [window, delay] = [windowMs, delayMs].map(durationText);
  return [
    `${at}: restart_policy.window (${window}) is not above delay (${delay}): attempts are counted anew once a task has run for ${window}, however long it waited before`,
  ];
};

/** A port of the host is one task's at a time: the new one cannot run beside the old one there. */
const orderWarnings = (at: string, { ports, update, rollback }: ServiceSpec): readonly string[] => {
  const port = ports.find(({ mode, published }) => mode === PublishMode.HOST && published !== 0);
  if (port === undefined) return [];
  return (
    [
      ['update_config', update],
      ['rollback_config', rollback],
    ] as const
  ).flatMap(([word, { order }]) =>
    order === UpdateOrder.START_FIRST
      ? [
          `${at}: ${word}.order is start-first, and port ${portText(port)} of a host serves one task at a time: where no other node is free, the old one is stopped first`,
        ]
      : [],
  );
};

const scaleWarnings = (at: string, { autoscale, replicas }: ServiceSpec): readonly string[] => {
  if (autoscale === undefined || (replicas >= autoscale.min && replicas <= autoscale.max)) return [];
  const begins = replicas < autoscale.min ? autoscale.min : autoscale.max;
  return [`${at}: replicas ${replicas} lies outside x-tso-autoscale (${autoscale.min} to ${autoscale.max}): it begins with ${begins}`];
};

const updateWarnings = (at: string, { update: { progressDeadlineMs = 0, monitorMs } }: ServiceSpec): readonly string[] =>
  progressDeadlineMs > 0 && progressDeadlineMs <= monitorMs
    ? [
        `${at}: update_config.x-tso-progress-deadline (${durationText(progressDeadlineMs)}) is not above monitor (${durationText(monitorMs)})`,
      ]
    : [];

/** What is accepted of these services and is hardly what is meant, a sentence each. */
export const stackWarnings = ({ services }: Pick<StackSpec, 'services'>): readonly string[] =>
  services.flatMap((service) => {
    const at = `service ${service.name}`;
    return [...attemptWarnings(at, service), ...orderWarnings(at, service), ...scaleWarnings(at, service), ...updateWarnings(at, service)];
  });
