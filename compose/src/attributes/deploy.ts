import { type Attribute, acts, below, refuses, withAll } from './attribute.ts';

/** How many tasks, where, and how they are replaced: compose-spec deploy.md. */

/** What an update and the way back say in words of their own. */
interface RolloutWords {
  readonly meaning: string;
  readonly failureAction: string;
  readonly watched: string;
  readonly startFirst: string;
}

const rollout = (key: 'update_config' | 'rollback_config', words: RolloutWords): readonly Attribute[] => [
  acts(key, 'stack', words.meaning, 'E303: of a job, which is run anew as a whole'),
  ...below(key, [
    acts('parallelism', 'stack', 'so many at once; 1 unless said, 0 for all'),
    acts('delay', 'stack', 'the pause after each'),
    acts('failure_action', 'stack', words.failureAction),
    acts('monitor', 'stack', `how long ${words.watched} is watched; 5s unless said`),
    acts('max_failure_ratio', 'stack', 'how many may fail; 0 unless said'),
    acts('order', 'stack', `stop-first, or start-first: ${words.startFirst}`),
  ]),
];

const update = rollout('update_config', {
  meaning: 'how tasks are replaced when the service changes',
  failureAction: 'pause unless said; continue; rollback goes back to what ran before the update',
  watched: 'a new task',
  startFirst: 'the new task runs before the old one ends',
});

const rollback = rollout('rollback_config', {
  meaning: 'how tasks are replaced on the way back after a failed update',
  failureAction: 'pause unless said, or continue: what has failed on the way back as well',
  watched: 'a task',
  startFirst: 'the task gone back to runs before the other one ends',
});

const resources: readonly Attribute[] = [
  acts('resources', 'both', 'what a task may use up, and what it needs'),
  acts('resources.limits', 'both', 'enforced on the node'),
  acts('resources.limits.cpus', 'both', 'at most so many processors', 'E402: less than 0.001'),
  acts('resources.limits.memory', 'both', 'at most so much memory', 'E402: less than 4m'),
  acts('resources.limits.pids', 'both', 'at most so many processes'),
  acts('resources.reservations', 'both', 'only a node that has it left is chosen'),
  acts('resources.reservations.cpus', 'stack', 'processors', 'E402: less than 0.001'),
  acts('resources.reservations.memory', 'both', 'memory', 'E402: less than 4m'),
  ...withAll(
    refuses(
      'resources.reservations.devices',
      'compose',
      'graphics cards and the like are not given out by number',
      'list the device files under devices:',
    ),
    ['[].capabilities', '[].driver', '[].count', '[].device_ids', '[].options'],
  ),
  acts(
    'resources.reservations.generic_resources',
    'stack',
    'things that nodes have a number of, as their owners say (`tso daemon --generic-resource gpu=4`)',
    'E202: no name, no number from 1 on, or a kind twice',
  ),
  acts('resources.reservations.generic_resources[].discrete_resource_spec', 'stack', 'how many of a kind'),
  acts('resources.reservations.generic_resources[].discrete_resource_spec.kind', 'stack', 'the name that the node gives it'),
  acts(
    'resources.reservations.generic_resources[].discrete_resource_spec.value',
    'stack',
    'so many; which they are is in the environment as `DOCKER_RESOURCE_<KIND>` where they have names',
  ),
];

const placement: readonly Attribute[] = [
  acts('placement', 'stack', 'which nodes'),
  acts(
    'placement.constraints',
    'stack',
    'node.id, node.hostname, node.ip, node.role, node.platform.os, node.platform.arch, node.labels.X, engine.labels.X with == or !=',
  ),
  acts('placement.preferences', 'stack', 'spread over values of a label, one after the other'),
  acts('placement.preferences[].spread', 'stack', 'node.labels.X'),
  acts('placement.max_replicas_per_node', 'stack', 'at most so many on one node', 'E303: of a global service'),
];

const restart: readonly Attribute[] = [
  acts('restart_policy', 'both', 'what is done when a task ends'),
  acts('restart_policy.condition', 'both', 'any unless said, on-failure, none', 'W401: any of a job means on-failure'),
  acts('restart_policy.delay', 'stack', 'the pause before the next; 5s unless said'),
  acts('restart_policy.max_attempts', 'both', 'so often for each place; 0 for no end'),
  acts('restart_policy.window', 'stack', 'attempts longer ago are not counted'),
];

export const deployAttributes: readonly Attribute[] = [
  acts('services.*.deploy', 'both', 'how the service runs on the cluster; all of it acts also for files written for one host'),
  ...below('services.*.deploy', [
    acts('mode', 'stack', 'replicated, global, replicated-job, global-job', 'E303: global with replicas', 'E202: anything else'),
    acts('endpoint_mode', 'stack', 'vip: one address for the service; dnsrr: those of its tasks', 'E303: dnsrr with ports of mode ingress'),
    acts('replicas', 'both', 'so many tasks, or completions of a job; 1 unless said', 'E202: fewer than none'),
    acts('labels', 'stack', 'labels of the service, not of its containers'),
    ...placement,
    ...resources,
    ...restart,
    ...update,
    ...rollback,
  ]),
];
