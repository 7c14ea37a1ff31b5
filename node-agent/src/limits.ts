/** Every bound of the agent in one place; docs/limits.md explains them to users. */
export const limits = {
  /** Steps (pull, mount, create…) that run at the same time over all tasks. */
  parallelSteps: 8,
  /** Statuses wait here while no manager answers; they are coalesced by task, so the number of tasks bounds it. */
  statusBatch: 500,
  /** Log lines or output chunks that a relay holds for a slow client before the reader waits. */
  relayQueue: 256,
  /** Relays (logs, exec) served at the same time. */
  relays: 200,
  /** Reconnect to the manager: first and longest pause. */
  reconnectMinMs: 50,
  reconnectMaxMs: 2_000,
  /** A crashed manager child is started again after this, doubling up to the second. */
  managerRestartMinMs: 100,
  managerRestartMaxMs: 5_000,
  /** How long the manager child may take to stop before it is killed. */
  managerStopMs: 10_000,
  /** A request body of the engine API other than an image. */
  requestBodyBytes: 1024 * 1024,
  /** Default size and number of log files a task keeps. */
  logMaxSizeBytes: 10 * 1024 * 1024,
  logMaxFiles: 3,
  /** How often log sizes are looked at. */
  logRotationMs: 2_000,
  /** Pause before a task whose driving failed for a reason outside it is tried again. */
  driverRetryMs: 1_000,
  /** Default time between the stop signal and the kill. */
  stopGraceMs: 10_000,
} as const;
