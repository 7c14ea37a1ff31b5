/** Times that manager and agent have to agree on, since each waits for the other. */

/** The longest pause of an agent between two attempts to reach a manager, and hence what a new leader gives agents that have long asked in vain. */
export const agentPauseMs = 4_000;
