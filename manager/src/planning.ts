/** The door for those who measure and try the planner alone, without a manager around it: with the real store, on values. */
export { applyStackChanges } from './api/changes.ts';
export { type StatusBatch, statusActions, withReport } from './dispatcher/status-batch.ts';
export { PlannerMemory, plan } from './planner.ts';
export { expectationsOf } from './replication/expectations.ts';
export { StoreMachine } from './replication/store-machine.ts';
export { applyTransaction } from './store/apply.ts';
export { Tables } from './store/tables.ts';
export type { View } from './store/view.ts';
