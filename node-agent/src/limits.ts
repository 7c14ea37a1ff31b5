import { agentPauseMs } from '@tso/proto';

/** Every bound of the agent in one place; docs/limits.md explains them to users. */
export const limits = {
  /** Steps (mount, attach, create…) that run at the same time over all tasks. */
  parallelSteps: 8,
  /** Tasks whose image is looked for or pulled at the same time: a slow registry must not hold back those whose image is here. */
  parallelPulls: 8,
  /** How often a built image is asked for while managers or the nodes that have it are away, and the first pause, doubling: 15 s in all. */
  imageFetchAttempts: 6,
  imageFetchPauseMs: 500,
  /** What a step other than a pull may take, a pull being bounded by its own silence. After it the task is rejected. */
  stepMs: 15 * 60_000,
  /** How long a step may take to notice that it is no longer wished; after it nobody waits for it any more. */
  stepAbandonMs: 10_000,
  /** How long secrets and configs of a task may be missing from what a manager says is to be here; then the task is rejected. */
  filesMs: 60_000,
  /** What undoing a step may take, and the pause before what could not be undone is tried again. */
  undoMs: 60_000,
  cleanRetryMs: 30_000,
  /** How long a step goes on before it says what it does, and the least time between two such words. */
  progressMs: 250,
  /** The longest timer Node sets (2^31 - 1 ms); longer waits look again in between. */
  longestTimerMs: 2_147_483_647,
  /** Statuses wait here while no manager answers; they are coalesced by task, so the number of tasks bounds it. */
  statusBatch: 500,
  /** Relays (logs, exec) served at the same time. */
  relays: 200,
  /** What a health check that was killed for its time has to end; then the next one is asked all the same. */
  probeKillMs: 5_000,
  /** What a hook in the container that was killed has to be gone; one that waits for a disk is left behind. */
  hookKillMs: 2_000,
  /** What a command run by exec has after its client went away; then it is killed. */
  execHangUpMs: 2_000,
  /** How long a stopping agent waits for its relays to end, and with them the commands they ran. */
  relaysStopMs: 4_000,
  /** The first attempts of many agents after one loss are spread over so long; it doubles while they fail, to the longest pause. */
  reconnectSpreadMs: 150,
  reconnectMaxMs: agentPauseMs,
  /** Redirects to another leader that are followed without a pause. */
  redirects: 3,
  /** How often a follower is asked again who leads, on the connection that stands, before another manager is: about 2 s. */
  leaderWaits: 12,
  /** The same while it names a leader that this agent has just lost: longer than an election takes. */
  staleLeaderWaits: 8,
  /** How long a manager's host may take to answer at all, the manager then to say who it is, and then to welcome this agent. */
  connectMs: 1_500,
  handshakeMs: 5_000,
  welcomeMs: 10_000,
  /**
   * How many heartbeats a manager may say nothing for. Fewer than the three after which it misses an agent: when a leader's host is gone
   * without a word, its agents are with the next leader before that counts them as lost.
   */
  silentBeats: 2.25,
  /** A single question to a manager, before another one is asked. */
  managerCallMs: 5_000,
  /** How long somebody who joins waits for the answer of the manager, and then for the welcome. */
  joinCallMs: 10_000,
  joinWelcomeMs: 20_000,
  /** How often a far-away renewal is looked at again: a clock may be set meanwhile. */
  renewalLookMs: 3_600_000,
  /** What an attempt to take on another role waits for after one that failed, doubling up to the second. */
  roleRetryMinMs: 500,
  roleRetryMaxMs: 30_000,
  /** How often a worker may be given a manager's certificate before it believes that it is to be one: its demotion may be under way. */
  roleInsistences: 2,
  /** What ending a superseded task may take beyond its own grace; then what follows it begins all the same. */
  supersededMs: 60_000,
  /** A crashed manager child is started again after this, doubling up to the second. */
  managerRestartMinMs: 100,
  managerRestartMaxMs: 5_000,
  /** How long the manager child may take to be ready (a start waits no longer), and to stop before it is killed. */
  managerStartMs: 30_000,
  managerStopMs: 10_000,
  /** How long a starting agent waits for a predecessor to leave its directories, and a stopping one for each of its parts. */
  lockPatienceMs: 3_000,
  partStopMs: 15_000,
  /** How long a connection to the socket may take to say its first four bytes. */
  doorSilenceMs: 10_000,
  /** How long a call waits for a manager that is being started, and how often it is tried. */
  managerPatienceMs: 5_000,
  managerRetryMs: 25,
  /** A request body of the engine API other than an image. */
  requestBodyBytes: 1024 * 1024,
  /** Default size and number of log files a task keeps. */
  logMaxSizeBytes: 10 * 1024 * 1024,
  logMaxFiles: 3,
  /** How often log sizes are looked at. */
  logRotationMs: 2_000,
  /** How long who serves on networks may wait to be written, together with what comes meanwhile. */
  recordMembersMs: 250,
  /** Pause before what failed for a reason outside a task (its record, the firewall) is tried again. */
  driverRetryMs: 1_000,
  /** Pause before a node's key that could not be sealed (a full disk) is sealed again. */
  sealAgainMs: 1_000,
  /** Pause before an address for scrapers that could not be had is tried again. */
  scrapeDoorAgainMs: 2_000,
  /** Default time between the stop signal and the kill. */
  stopGraceMs: 10_000,
  /** Tasks that are measured between two heartbeats; the manager knows nothing of more. */
  measuredTasks: 1_000,
  /** How often it is looked at what the kernel can do. */
  featuresAgainMs: 3_600_000,
} as const;
