import { sentenceOf, TsoError } from '@tso/proto';
import { commandError, commandProblemIn, earlyEndHint, runtimeWords } from './command.ts';
import { defaultPath, environmentValue } from './environment.ts';
import type { OciConfig } from './oci-spec.ts';
import type { ContainerPlan } from './types.ts';

/** Why a container could not be made, in the user's words where the runtime's tell of something that the user wrote. */
export const createError = (plan: ContainerPlan, config: OciConfig, error: unknown, complaint: string): TsoError => {
  if (error instanceof TsoError && error.code !== 'FAILED_PRECONDITION') return error;
  const said = sentenceOf(error);
  return runtimeError(plan.spec.image, config, said === '' ? complaint : said, 'could not be made', error);
};

/** The same from what the runtime said. */
export const runtimeError = (image: string, config: OciConfig | undefined, output: string, what: string, cause: unknown): TsoError => {
  const said = runtimeWords(output);
  const problem = commandProblemIn(said);
  const words = config?.process.args ?? [];
  const command = words[0] === '/dev/init' ? words[2] : words[0];
  if (problem !== undefined && command !== undefined) {
    return commandError(command, image, environmentValue(config?.process.env ?? [], 'PATH') ?? defaultPath, problem);
  }
  const hint = earlyEndHint(said, config?.linux.resources?.pids?.limit);
  return new TsoError(
    'FAILED_PRECONDITION',
    `the container of the image ${image} ${what}: ${said === '' ? 'its monitor ended without a word' : said}`,
    { cause, ...(hint === undefined ? {} : { hint }) },
  );
};
