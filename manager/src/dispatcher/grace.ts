/** Agents that come back to a new leader one after the other need that long each, at the pace of its admission, with room to spare. */
export const graceMsPerNode = 8;

/** A leader that has followed no other one in its process's life finds hosts that may still be starting, as itself. */
export const coldStartMs = 10_000;

/** The longest pause of an agent between two attempts: they grow while nobody leads (`reconnectMaxMs` of the agent). */
export const agentPauseMs = 4_000;

/**
 * How long a leader waits for the nodes that it finds in the store before it misses them. After a change of leaders that is what
 * their agents need to notice it (less than the limit) and to come: then a host that was lost together with the leader is missed as
 * soon as any other.
 * @param limitMs silence after which a node counts as down
 * @param isCold nobody led before in this manager's life
 * @param leaderlessMs how long nobody led before this one: agents that asked in vain for so long may pause for so long
 */
export const graceMsFor = (limitMs: number, nodes: number, isCold: boolean, leaderlessMs: number): number =>
  Math.max(limitMs + nodes * graceMsPerNode + Math.min(leaderlessMs, agentPauseMs), isCold ? coldStartMs : 0);
