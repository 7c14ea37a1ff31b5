import { PullPolicy } from '@tso/proto';
import type { ServiceModel } from '../model.ts';
import { durationMs, parseDuration } from '../units.ts';
import { type ConvertInput, tell } from './context.ts';

/** When images are pulled. */

export interface Pull {
  readonly pullPolicy: PullPolicy;
  /** An image pulled longer ago is pulled again; 0: never. */
  readonly pullRefreshMs: number;
}

const policies: Readonly<Record<string, PullPolicy>> = {
  missing: PullPolicy.PULL_MISSING,
  always: PullPolicy.PULL_ALWAYS,
  never: PullPolicy.PULL_NEVER,
  build: PullPolicy.PULL_MISSING,
};

const ages: Readonly<Record<string, string>> = { daily: '1d', weekly: '1w' };

const refreshed = (input: ConvertInput, text: string, name: string, key: 'pull_policy' | 'pull_refresh_after'): Pull => {
  const nanos = parseDuration(text);
  const pullRefreshMs = nanos === undefined ? 0 : durationMs(nanos);
  if (pullRefreshMs <= 0 || !Number.isSafeInteger(pullRefreshMs))
    tell(input, 'E204', ['services', name, key], `'${text}' is not an age that an image can have`, 'write a number with its unit: 12h, 2d');
  return { pullPolicy: PullPolicy.PULL_MISSING, pullRefreshMs };
};

/** pull_policy and pull_refresh_after (E204, E306, E401, W400). */
export const toPull = (input: ConvertInput, service: ServiceModel, name: string): Pull => {
  const said = service.pull_policy ?? 'missing';
  const path = ['services', name, 'pull_policy'];
  const after = service.pull_refresh_after ?? '';
  if (after !== '' && said !== 'refresh')
    tell(
      input,
      'W400',
      ['services', name, 'pull_refresh_after'],
      'pull_refresh_after goes with pull_policy: refresh',
      'write that beside it',
    );
  if (said === 'refresh') {
    if (after !== '') return refreshed(input, after, name, 'pull_refresh_after');
    tell(input, 'E306', path, `pull_policy: refresh of service ${name} lacks the age from which on`, 'add pull_refresh_after: 24h');
  }
  const age = Object.hasOwn(ages, said) ? ages[said] : /^every_(.+)$/.exec(said)?.[1];
  if (age !== undefined) return refreshed(input, age, name, 'pull_policy');
  if (said === 'build' && service.build === undefined)
    tell(input, 'E306', path, `service ${name} has pull_policy: build and no build section`, 'add build: FOLDER, or remove pull_policy');
  return { pullPolicy: policies[said] ?? PullPolicy.PULL_MISSING, pullRefreshMs: 0 };
};
