import { newTaskStatus, type Task, TaskState } from '@tso/proto';
import test from 'ava';
import { taskNamed } from '../testing/agent-world.ts';
import { AgentMetrics, type AgentMetricsPorts } from './agent-metrics.ts';

const task = (id: string, slot: number): Task => taskNamed('web', { id, slot });

const stats = {
  cpuNs: 2_500_000_000,
  memoryBytes: 4_096,
  memoryLimitBytes: 0,
  pids: 3,
  blockReadBytes: 10,
  blockWriteBytes: 20,
  throttledNs: 0,
};

const ports = (running: readonly Task[]): AgentMetricsPorts => ({
  runningTasks: () => running,
  statuses: () => running.map(({ id }) => [id, { ...newTaskStatus, state: TaskState.RUNNING }] as const),
  stats: async (id) => (id === 'gone' ? undefined : stats),
  nameAnswers: () => [{ code: 'nxdomain', elsewhere: true, count: 7 }],
  isConnected: () => true,
  isManagerRunning: () => false,
  certificateNotAfterMs: () => 90_500,
});

test('each running container has its figures under its stack, service, slot and task', async (t) => {
  const lines = (await new AgentMetrics(ports([task('t1', 1), task('gone', 2)])).text()).split('\n');
  const labels = '{stack="shop",service="web",slot="1",task="t1"}';
  for (const line of [
    `tso_agent_container_cpu_seconds_total${labels} 2.5`,
    `tso_agent_container_memory_bytes${labels} 4096`,
    `tso_agent_container_pids${labels} 3`,
    'tso_agent_tasks{state="running"} 2',
    'tso_agent_name_answers_total{code="nxdomain",source="elsewhere"} 7',
    'tso_agent_session_connected 1',
    'tso_agent_manager_running 0',
    'tso_agent_certificate_not_after_seconds 90',
  ]) {
    t.true(lines.includes(line), line);
  }
  t.false(
    lines.some((line) => line.includes('slot="2"')),
    'one that is gone has none',
  );
});

test('what ran before is not shown any more', async (t) => {
  const running = [task('t1', 1)];
  const metrics = new AgentMetrics({ ...ports(running), runningTasks: () => running });
  t.true((await metrics.text()).includes('task="t1"'));
  running.pop();
  t.false((await metrics.text()).includes('task="t1"'));
});
