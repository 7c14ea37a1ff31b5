import { type LogFields, sentenceOf, version } from '@tso/proto';
import { createLogger, type LogLevel, logLevels, systemClock, systemRandom } from '@tso/proto/system';
import { startTracing } from '@tso/proto/tracing';
import { parseConfig } from './config.ts';
import { limits } from './limits.ts';
import { Manager } from './manager.ts';
import { isRemoval } from './replication/replication.ts';

/** The manager as a process of its own: a child of the node agent, which ends with it. */

const exitFailed = 1;
const exitUsage = 2;

const isLogLevel = (text: string): text is LogLevel => (logLevels as readonly string[]).includes(text);

const readConfig = () => {
  try {
    const config = parseConfig(process.argv.slice(2));
    if (!isLogLevel(config.logLevel)) throw new Error(`--log-level is "${config.logLevel}", it must be one of ${logLevels.join(', ')}`);
    return { ...config, logLevel: config.logLevel };
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n`);
    return process.exit(exitUsage);
  }
};

const config = readConfig();
const logger = createLogger('manager', config.logLevel);
let ending = false;

const end = (code: number, why: string, fields: LogFields = {}): void => {
  if (ending) return;
  ending = true;
  logger.info(fields, `stopping: ${why}`);
  // Whatever hangs, the process ends: its successor waits for the state directory.
  setTimeout(() => process.exit(code === 0 ? exitFailed : code), 4 * limits.stopMs).unref();
  Promise.all([manager.stop(), tracing.stop()]).then(
    () => process.exit(code),
    (error: unknown) => {
      logger.error({}, `stopping failed: ${sentenceOf(error)}`);
      process.exit(exitFailed);
    },
  );
};

const tracing = await startTracing({ service: 'tso-manager', version, nodeId: config.nodeId, env: process.env });

const manager = new Manager(config, {
  clock: systemClock,
  soon: (work) => setImmediate(work),
  tracing,
  random: systemRandom,
  logger,
  onBroken: (error) => {
    logger.error({ stack: error instanceof Error ? error.stack : undefined }, `the manager cannot go on: ${sentenceOf(error)}`);
    // Told before it ends: what it has on disk is never used again, and nobody is to start it anew.
    if (isRemoval(error)) void tellAgent({ type: 'removed' }).then(() => end(exitFailed, 'it was removed'));
    else end(exitFailed, 'it is broken');
  },
  agent: {
    locked: (why) => void tellAgent({ type: 'locked', why }),
    unlockKey: (key) => void tellAgent({ type: 'unlock-key', key }),
  },
});

const tellMetrics = async (id: unknown): Promise<void> => {
  try {
    await tellAgent({ type: 'metrics', id, text: await manager.metrics() });
  } catch (error) {
    logger.error({}, `the figures could not be read: ${sentenceOf(error)}`);
  }
};

/** What the agent tells. */
const hear = (message: unknown): void => {
  if (typeof message !== 'object' || message === null || !('type' in message)) return;
  if (message.type === 'unlock' && 'key' in message && typeof message.key === 'string') manager.unlock(message.key);
  if (message.type === 'metrics' && 'id' in message) void tellMetrics(message.id);
  if (message.type === 'renew-tls') void manager.renewTls();
};

process.on('message', hear);

process.on('SIGTERM', () => end(0, 'asked to'));
process.on('SIGINT', () => end(0, 'asked to'));
// The channel closes when the agent dies, however it dies: its successor starts a manager of its own.
process.on('disconnect', () => end(0, 'its agent is gone'));

/** Resolves when the agent has the message, or is gone. */
const tellAgent = (message: object): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(message, undefined, {}, () => resolve());
  });

try {
  await manager.start();
  await tellAgent({ type: 'ready' });
} catch (error) {
  ending = true;
  logger.error({ stack: error instanceof Error ? error.stack : undefined }, `the manager cannot start: ${sentenceOf(error)}`);
  await tellAgent({ type: 'failed', message: sentenceOf(error) });
  process.exit(exitFailed);
}
