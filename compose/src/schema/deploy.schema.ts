import { anyKeyTo, boolean, bytes, duration, integer, listOf, listOrMap, number, object, oneOf, scalar, text, texts } from './build.ts';

/** compose-spec deploy.md. */

const genericResources = listOf(object({ discrete_resource_spec: object({ kind: text, value: number }) }));

export const deviceRequest = object({
  capabilities: texts,
  count: { type: ['string', 'integer'] },
  device_ids: texts,
  driver: text,
  options: listOrMap,
});

const rollout = (failureActions: readonly string[]) =>
  object({
    parallelism: integer,
    delay: duration,
    failure_action: oneOf(...failureActions),
    monitor: duration,
    max_failure_ratio: number,
    order: oneOf('start-first', 'stop-first'),
  });

export const deploy = object(
  {
    mode: text,
    endpoint_mode: text,
    replicas: integer,
    labels: listOrMap,
    rollback_config: rollout(['pause', 'continue']),
    update_config: rollout(['pause', 'continue', 'rollback']),
    resources: object({
      limits: object({ cpus: number, memory: bytes, pids: integer }),
      reservations: object({
        cpus: number,
        memory: bytes,
        generic_resources: genericResources,
        devices: listOf({ ...deviceRequest, required: ['capabilities'] }),
      }),
    }),
    restart_policy: object({ condition: text, delay: duration, max_attempts: integer, window: duration }),
    placement: object({ constraints: texts, preferences: listOf(object({ spread: text })), max_replicas_per_node: integer }),
  },
  { or: ['null'] },
);

const watch = object(
  {
    path: text,
    action: oneOf('rebuild', 'sync', 'restart', 'sync+restart', 'sync+exec'),
    target: text,
    exec: object({
      command: { type: ['string', 'array', 'null'], items: text },
      user: text,
      privileged: boolean,
      working_dir: text,
      environment: listOrMap,
    }),
    ignore: { type: ['string', 'array'], items: text },
    include: { type: ['string', 'array'], items: text },
    initial_sync: boolean,
  },
  { required: ['path', 'action'] },
);
export const develop = object({ watch: listOf(watch) }, { or: ['null'] });

export const options = anyKeyTo(scalar);
