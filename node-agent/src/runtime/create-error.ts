import { sentenceOf, TsoError } from '@tso/proto';
import { commandError, commandProblemIn, earlyEndHint, runtimeWords } from './command.ts';
import { defaultPath, environmentValue } from './environment.ts';
import type { OciProcess, OciResources } from './oci-spec.ts';

/** What of a container's configuration the runtime's words may be about. */
export interface TriedConfig {
  readonly process: Pick<OciProcess, 'args' | 'env'>;
  readonly linux: { readonly resources: Pick<OciResources, 'pids'> };
}

/** Why a container could not be made, in the user's words where the runtime's tell of something that the user wrote. */
export const createError = (image: string, config: TriedConfig, error: unknown, complaint: string): TsoError => {
  if (error instanceof TsoError && error.code !== 'FAILED_PRECONDITION') return error;
  const said = sentenceOf(error);
  return runtimeError(image, config, said === '' ? complaint : said, 'could not be made', error);
};

/** The same from what the runtime said. */
export const runtimeError = (image: string, config: TriedConfig | undefined, output: string, what: string, cause: unknown): TsoError => {
  const said = runtimeWords(output);
  const problem = commandProblemIn(said);
  const words = config?.process.args ?? [];
  const command = words[0] === '/dev/init' ? words[2] : words[0];
  if (problem !== undefined && command !== undefined) {
    return commandError(command, image, environmentValue(config?.process.env ?? [], 'PATH') ?? defaultPath, problem);
  }
  const hint = earlyEndHint(said, config?.linux.resources.pids?.limit);
  return new TsoError(
    'FAILED_PRECONDITION',
    `the container of the image ${image} ${what}: ${said === '' ? 'its monitor ended without a word' : said}`,
    { cause, ...(hint === undefined ? {} : { hint }) },
  );
};
