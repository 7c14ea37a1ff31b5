import { readdir, rm } from 'node:fs/promises';
import { isMissing, syncFolder } from '../durable-file.ts';
import { type AgentPaths, managerStateDir } from '../paths.ts';
import type { RoleKeeperPorts } from './role-keeper.ts';

/** What a manager of this node has on disk. Erased, it is as if none had ever been here. */
export const managerStateOf = (paths: AgentPaths): RoleKeeperPorts['managerState'] => {
  const folder = managerStateDir(paths);
  return {
    exists: async () => {
      try {
        return (await readdir(folder)).length > 0;
      } catch (error) {
        if (isMissing(error)) return false;
        throw error;
      }
    },
    erase: async () => {
      await rm(folder, { recursive: true, force: true });
      await syncFolder(paths.dataDir);
    },
  };
};
