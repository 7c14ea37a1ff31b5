import { RestartCondition, ServiceMode } from '@tso/proto';
import test from 'ava';
import { oneService, serviceOf, toldOf } from '../testing/spec-parts.ts';

const told = (service: string): string => toldOf(oneService(service)).join('\n');

test('a replicated job completes as often as it has replicas, all at once', (t) => {
  t.like(serviceOf(oneService('deploy: {mode: replicated-job, replicas: 5}')), {
    mode: ServiceMode.REPLICATED_JOB,
    replicas: 0,
    job: { totalCompletions: 5, maxConcurrent: 5 },
  });
  t.deepEqual(serviceOf(oneService('deploy: {mode: replicated-job}')).job, { totalCompletions: 1, maxConcurrent: 1 });
  t.deepEqual(serviceOf(oneService('scale: 2\ndeploy: {mode: replicated-job}')).job, { totalCompletions: 2, maxConcurrent: 2 });
});

test('fewer tasks of a job run at once where the file says so', (t) => {
  const jobOf = (value: string) => serviceOf(oneService(`deploy: {mode: replicated-job, replicas: 9}\nx-tso-max-concurrent: ${value}`)).job;
  t.deepEqual(jobOf('3'), { totalCompletions: 9, maxConcurrent: 3 });
  t.deepEqual(jobOf('"0"'), { totalCompletions: 9, maxConcurrent: 0 });
  t.regex(told('deploy: {mode: replicated-job}\nx-tso-max-concurrent: -1'), /E202 -1 is not a number of tasks/);
  t.regex(told('deploy: {mode: global-job}\nx-tso-max-concurrent: 1'), /W400 x-tso-max-concurrent has no effect/);
  t.regex(told('x-tso-max-concurent: 1'), /W400 x-tso-max-concurent means nothing here/);
});

test('a global job runs once on every node, and replicas of one cannot be said', (t) => {
  const job = serviceOf(oneService('deploy: {mode: global-job}'));
  t.is(job.mode, ServiceMode.GLOBAL_JOB);
  t.is(job.job, undefined);
  t.regex(told('deploy: {mode: global-job, replicas: 2}'), /E303 service web is global-job/);
  t.regex(told('container_name: box\ndeploy: {mode: global-job}'), /E303 .*container_name is the name of one container/);
});

test('what has completed is not run again; where the file asks for that it is told', (t) => {
  const conditionOf = (rest: string) => serviceOf(oneService(`deploy: {mode: replicated-job${rest}}`)).task.restart.condition;
  t.is(conditionOf(''), RestartCondition.RESTART_ON_FAILURE);
  t.is(conditionOf(', restart_policy: {condition: none}'), RestartCondition.RESTART_NONE);
  t.is(conditionOf(', restart_policy: {max_attempts: 3}'), RestartCondition.RESTART_ON_FAILURE);
  t.is(told('deploy: {mode: replicated-job, restart_policy: {max_attempts: 3}}'), '');
  t.regex(told('restart: always\ndeploy: {mode: replicated-job}'), /W401 .*so always means on-failure/);
  t.regex(told('deploy: {mode: global-job, restart_policy: {condition: any}}'), /W401 .*so any means on-failure/);
});

test('jobs are neither updated task by task nor answer on ports', (t) => {
  t.regex(told('deploy: {mode: replicated-job, update_config: {parallelism: 2}}'), /E303 .*update_config cannot be said/);
  t.regex(told('deploy: {mode: global-job, rollback_config: {parallelism: 2}}'), /E303 .*rollback_config cannot be said/);
  t.regex(told('ports: ["80:80"]\ndeploy: {mode: replicated-job}'), /E303 .*ports cannot be published/);
  t.regex(told('x-tso-rebalance: auto\ndeploy: {mode: replicated-job}'), /W400 service web is a job/);
});

test('a mode that is none offers the one that was meant', (t) => {
  t.is(told('deploy: {mode: replicated-jobs}'), "E202 'replicated-jobs' is not a mode");
});
