export { type ManagerConfig, parseConfig } from './config.ts';
export { Manager, type ManagerPorts } from './manager.ts';
