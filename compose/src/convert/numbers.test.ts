import { decode, encode } from '@tso/proto';
import test from 'ava';
import { loadFrom } from '../load.ts';
import { memoryFiles, placesOf } from '../testing/memory-files.ts';
import { oneService, serviceOf, toldOf } from '../testing/spec-parts.ts';

const told = (service: string): string => toldOf(oneService(service)).join('\n');

/** Places where a number, a size or a time may stand, as V. */
const places: readonly string[] = [
  ...['cpus', 'cpu_shares', 'cpu_quota', 'cpu_period', 'cpu_rt_runtime', 'cpu_rt_period', 'pids_limit', 'oom_score_adj', 'scale'],
  ...['mem_limit', 'memswap_limit', 'mem_reservation', 'mem_swappiness', 'shm_size', 'stop_grace_period', 'x-tso-drain', 'cpuset'],
]
  .map((key) => `${key}: V`)
  .concat([
    'stop_grace_period: Vs',
    'ulimits: {nofile: V}',
    'ulimits: {nofile: {soft: V, hard: V}}',
    'healthcheck: {test: x, retries: V}',
    'healthcheck: {test: x, interval: Vs, start_period: Vs}',
    'restart: on-failure:V',
    'deploy: {replicas: V}',
    'deploy: {mode: replicated-job, replicas: V}',
    'deploy: {update_config: {parallelism: V, max_failure_ratio: V}}',
    'deploy: {rollback_config: {delay: Vs, monitor: Vs}}',
    'deploy: {restart_policy: {max_attempts: V}}',
    'deploy: {restart_policy: {delay: Vs, window: Vs}}',
    'deploy: {placement: {max_replicas_per_node: V}}',
    'deploy: {resources: {limits: {cpus: V, memory: V, pids: V}}}',
    'deploy: {resources: {reservations: {cpus: V, memory: V}}}',
    'networks: {default: {priority: V}}',
    'networks: {default: {gw_priority: V}}',
    'blkio_config: {weight: V, weight_device: [{path: /dev/a, weight: V}]}',
    'blkio_config: {device_read_bps: [{path: /dev/a, rate: V}]}',
    'volumes: [{type: tmpfs, target: /t, tmpfs: {size: V}}]',
    'volumes: [{type: tmpfs, target: /t, tmpfs: {mode: V}}]',
    'tmpfs: "/t:size=V,uid=V,mode=V"',
    'logging: {options: {max-size: V, max-file: V}}',
    'ports: [{target: V, published: V}]',
    'ports: ["V:80"]',
    'expose: [V]',
    'secrets: [{source: s, uid: V, gid: V}]',
    'secrets: [{source: s, mode: V}]',
    'pull_policy: every_Vs',
    'build: {context: ., shm_size: V, ulimits: {nofile: V}}',
    'deploy: {mode: replicated-job}\nx-tso-schedule: {cron: "@daily", successful_history: V, failed_history: V}',
    'deploy: {mode: replicated-job}\nx-tso-schedule: {cron: "@daily", starting_deadline: V}',
  ]);
const values: readonly string[] = [
  ...['0', '1', '-1', '-2', '0.5', '"7"', '0x1F', 'true', 'null', '""', '4294967296', '10000000000', '-99999999999'],
  ...['9007199254740993', '100000000000000000000', '.inf', '-.inf', '.nan', '1e400'],
];

test('a number of any size is refused, or reaches the cluster as it was written', (t) => {
  for (const place of places) {
    for (const value of values) {
      const text = oneService(place.replaceAll('V', value), 'secrets: {s: {environment: S}}\n');
      const result = loadFrom({ files: [], cwd: '/project', env: { S: 'x' } }, memoryFiles({ '/project/compose.yaml': text }));
      if (result.ok) t.deepEqual(decode('StackSpec', encode('StackSpec', result.spec)), result.spec, `${place}, ${value}`);
      else t.true(result.diagnostics.length > 0);
    }
  }
});

test('numbers that no kernel and no cluster takes are told by what would do', (t) => {
  t.regex(told('scale: 20000'), /E402 services.web.scale cannot be 20000/);
  t.regex(told('healthcheck: {test: x, retries: -1}'), /E402 services.web.healthcheck.retries cannot be -1/);
  t.regex(told('cpu_shares: 0.5'), /E202 services.web.cpu_shares must be a whole number, but is 0.5/);
  t.regex(told('cpu_period: 10'), /E402 services.web.cpu_period cannot be 10/);
  t.regex(told('deploy: {update_config: {max_failure_ratio: 1.5}}'), /E402/);
  t.regex(told('oom_score_adj: "2000"'), /E402/);
  t.regex(told('cpuset: 0..3'), /E202 '0..3' is no list of processors/);
  t.regex(told('cpuset: 3-0'), /E202 '3-0' is no list of processors/);
  t.is(told('cpuset: "0-3,7"'), '');
});

test('processors and memory that are next to nothing are told where they are said, reserved ones too', (t) => {
  t.deepEqual(placesOf(oneService('cpus: 0.00000000001')), ['4:11 E402']);
  t.deepEqual(placesOf(oneService('cpu_quota: 7')), ['4:16 E402']);
  t.deepEqual(placesOf(oneService('mem_reservation: 4')), ['4:22 E402']);
  t.deepEqual(placesOf(oneService('deploy: {resources: {reservations: {cpus: 0.0001, memory: 1m}}}')), ['4:47 E402', '4:63 E402']);
  t.is(told('deploy: {resources: {reservations: {cpus: 0.001, memory: 4m}}}'), '');
});

test('a period of 0 is the one that there is when none is said', (t) => {
  t.is(serviceOf(oneService('cpu_quota: 50000\ncpu_period: 0')).task.limits.nanoCpus, 500_000_000);
});

test('times are not negative and end some day', (t) => {
  t.regex(told('stop_grace_period: -1s'), /E402 services.web.stop_grace_period cannot be -1s/);
  t.regex(told('deploy: {restart_policy: {delay: 9999999h}}'), /E402 .*cannot be longer than 100 years/);
});

test('sizes and limits that contradict each other are told', (t) => {
  t.regex(told('shm_size: -1'), /E402 services.web.shm_size cannot be -1 bytes/);
  t.is(told('memswap_limit: -1'), '');
  t.regex(told('mem_limit: 64m\nmemswap_limit: 32m'), /E304 memswap_limit is memory and swap together/);
  t.regex(told('mem_limit: 64m\nmem_reservation: 128m'), /E304 services.web reserves more memory than its limit allows/);
  t.regex(told('deploy: {resources: {limits: {cpus: 1}, reservations: {cpus: 2}}}'), /E304 services.web reserves more CPUs/);
  t.regex(told('ulimits: {nofile: {soft: 20, hard: 10}}'), /E304 the soft limit of services.web.ulimits.nofile is above its hard limit/);
  t.regex(told('ulimits: {nofile: {soft: -1, hard: 10}}'), /E304/);
  t.is(told('ulimits: {nofile: {soft: 20, hard: -1}}'), '');
});
