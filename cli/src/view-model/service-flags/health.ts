import type { HealthCheck } from '@tso/proto';
import { FlagProblem, last, type ServiceFlag, scalar, withContainer } from './flag.ts';

const noCheck: HealthCheck = { test: [], intervalMs: 0, timeoutMs: 0, retries: 0, startPeriodMs: 0, startIntervalMs: 0 };

/** One setting of the health check, the others of which stay. */
const health = (name: string, value: string, text: string, key: keyof HealthCheck, attribute: string): ServiceFlag => ({
  name,
  value,
  text,
  apply: (spec, values, { parse }) => {
    if (last(values).trim() === '') throw new FlagProblem(`--${name}: it is told nothing`, 'To switch the check off: --no-healthcheck.');
    const said = key === 'test' ? ['CMD-SHELL', last(values)] : key === 'retries' ? scalar(last(values)) : last(values);
    const made = parse(name, last(values), { healthcheck: { test: ['CMD', 'true'], [attribute]: said } }).task.container.healthCheck;
    const before = spec.task.container.healthCheck ?? noCheck;
    if (key !== 'test' && before.test[0] === 'NONE') {
      throw new FlagProblem(
        `--${name} ${last(values)}: the service's health check is switched off`,
        'Say which it is to have: --health-cmd.',
      );
    }
    return withContainer(spec, { healthCheck: { ...before, [key]: (made ?? noCheck)[key] } });
  },
});

const noHealthCheck: ServiceFlag = {
  name: 'no-healthcheck',
  value: undefined,
  text: 'switch the health check off, the image’s too',
  apply: (spec) => withContainer(spec, { healthCheck: { ...noCheck, test: ['NONE'] } }),
};

/** Whether it is healthy, and who says so. */
export const healthFlags: readonly ServiceFlag[] = [
  health('health-cmd', '<command>', 'the command that says whether it is healthy', 'test', 'test'),
  health('health-interval', '<duration>', 'between two checks', 'intervalMs', 'interval'),
  health('health-timeout', '<duration>', 'how long a check may take', 'timeoutMs', 'timeout'),
  health('health-retries', '<n>', 'so many failures in a row make it unhealthy', 'retries', 'retries'),
  health('health-start-period', '<duration>', 'how long failures do not count after the start', 'startPeriodMs', 'start_period'),
  health('health-start-interval', '<duration>', 'between two checks within that', 'startIntervalMs', 'start_interval'),
  noHealthCheck,
];
