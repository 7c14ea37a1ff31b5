export { defaultDataDir, defaultRunDir } from './paths.ts';
