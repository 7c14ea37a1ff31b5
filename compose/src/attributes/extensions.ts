/** A key of our own: what can be said here that the specification has no word for. */
export interface Extension {
  readonly key: string;
  /** Where it stands, as in the catalogue: `services.*`, `services.*.ports[]`. */
  readonly at: readonly string[];
  /** Its values, as a user writes them. */
  readonly takes: string;
  /** One sentence without a full stop. */
  readonly meaning: string;
}

export const ingressKey = 'x-tso-ingress';
export const affinityKey = 'x-tso-affinity';
export const drainKey = 'x-tso-drain';
export const rebalanceKey = 'x-tso-rebalance';
export const concurrencyKey = 'x-tso-max-concurrent';
export const deadlineKey = 'x-tso-progress-deadline';
export const pauseAfterKey = 'x-tso-pause-after';
export const scheduleKey = 'x-tso-schedule';
export const autoscaleKey = 'x-tso-autoscale';
export const priorityKey = 'x-tso-priority';
export const strategyKey = 'x-tso-strategy';

/** All of them; their values are checked where they are converted. */
export const extensions: readonly Extension[] = [
  {
    key: affinityKey,
    at: ['services.*'],
    takes: 'true or false',
    meaning: 'a client stays with the task that it was first given, while that one serves',
  },
  {
    key: autoscaleKey,
    at: ['services.*.deploy'],
    takes: 'a map of min, max, cpu, memory and cool_down',
    meaning: 'between how many tasks the service goes by itself, by the percent of CPU or memory that they take',
  },
  {
    key: drainKey,
    at: ['services.*'],
    takes: 'a duration up to 1h',
    meaning: 'how long a task goes on after it has left all names and maps; 1s unless said',
  },
  {
    key: ingressKey,
    at: ['services.*', 'services.*.ports[]'],
    takes: 'local',
    meaning: 'only nodes with a task answer on the published ports, and the task sees the address of the client',
  },
  {
    key: concurrencyKey,
    at: ['services.*'],
    takes: 'a number from 1, or 0 for all',
    meaning: 'how many tasks of a replicated-job run at once; as many as replicas unless said',
  },
  {
    key: pauseAfterKey,
    at: ['services.*.deploy.update_config'],
    takes: 'a number from 1, or 0 for none',
    meaning: 'after so many replacements the update stands still, until `tso service update --continue` or `tso service rollback`',
  },
  {
    key: priorityKey,
    at: ['services.*.deploy'],
    takes: 'a number from -1000 to 1000',
    meaning: 'a task that has no room takes it from tasks of services with a lower one, which are stopped and wait; 0 unless said',
  },
  {
    key: deadlineKey,
    at: ['services.*.deploy.update_config', 'services.*.deploy.rollback_config'],
    takes: 'a duration up to 168h, or 0 for none',
    meaning: 'without a task more that serves for so long the update has failed, and `failure_action` says what follows; 10m unless said',
  },
  {
    key: rebalanceKey,
    at: ['services.*'],
    takes: 'auto or never',
    meaning: 'whether tasks move to a new or returned node by themselves',
  },
  {
    key: scheduleKey,
    at: ['services.*'],
    takes: 'a cron expression, or a map of cron, time_zone, concurrency, successful_history, failed_history and starting_deadline',
    meaning: 'when a job runs, instead of when it is applied',
  },
  {
    key: strategyKey,
    at: ['services.*.deploy.placement'],
    takes: 'spread or binpack',
    meaning: 'whether a task goes where the fewest are, or onto the fullest node that still has room; spread unless said',
  },
];

const prefix = 'x-tso-';

/** True for a key that claims to be one of ours. */
export const isOurs = (key: string): boolean => key.startsWith(prefix);

/** Those that may stand at a place of the catalogue. */
export const extensionsAt = (path: string): readonly string[] => extensions.filter(({ at }) => at.includes(path)).map(({ key }) => key);
