import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sentenceOf, version } from '@tso/proto';
import { createLogger, systemClock, systemRandom } from '@tso/proto/system';
import { startTracing } from '@tso/proto/tracing';
import { Agent } from './agent.ts';
import { type AgentConfig, parseConfig } from './config.ts';
import { describeNode } from './node-description.ts';

/** The manager program: beside this file in a build, in its own package in a clone. */
const managerEntry = (): string => {
  const built = join(import.meta.dirname, 'tso-manager.mjs');
  return existsSync(built) ? built : join(import.meta.dirname, '../../manager/src/main.ts');
};

const configOrExit = (): AgentConfig => {
  try {
    return parseConfig(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`tsod: ${sentenceOf(error)}\n`);
    process.exit(2);
  }
};

const config = configOrExit();
const logger = createLogger('tsod', config.logLevel);
if (process.getuid?.() !== 0) {
  process.stderr.write('tsod: the node agent must run as root: it makes namespaces, mounts and cgroups. Start it with sudo\n');
  process.exit(1);
}
const description = describeNode(config.generic);
const tracing = await startTracing({ service: 'tso-agent', version, nodeId: description.hostname, env: process.env });
const agent = new Agent(
  { ...config, managerEntry: managerEntry(), description },
  { clock: systemClock, random: systemRandom, logger, tracing },
);

let ending = false;

const end = (code: number): void => {
  if (ending) return;
  ending = true;
  Promise.all([agent.stop(), tracing.stop()]).then(
    () => process.exit(code),
    () => process.exit(1),
  );
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end(0));

try {
  await agent.start();
} catch (error) {
  // Told to stop while it started: that is no failure.
  if (!ending) {
    const stack = error instanceof Error ? error.stack : undefined;
    logger.error({ error: sentenceOf(error), stack }, 'the agent could not start');
    process.stderr.write(`tsod: ${sentenceOf(error)}\n`);
  }
  end(1);
}
