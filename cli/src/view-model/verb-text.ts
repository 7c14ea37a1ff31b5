import { type ObjectChange, ServiceVerb } from '@tso/proto';
import { oneLine } from './task-text.ts';

/** What is said of services once it is so, and of those that it was only asked for. */
interface VerbWords {
  readonly done: string;
  readonly asked: string;
}

const words: Readonly<Record<ServiceVerb, VerbWords>> = {
  [ServiceVerb.VERB_RESTART]: { done: 'restarted', asked: 'to be restarted' },
  [ServiceVerb.VERB_STOP]: { done: 'stopped, with its scale kept for tso start', asked: 'to be stopped' },
  [ServiceVerb.VERB_START]: { done: 'started', asked: 'to be started' },
  [ServiceVerb.VERB_PAUSE]: { done: 'paused', asked: 'to be paused' },
  [ServiceVerb.VERB_UNPAUSE]: { done: 'not paused any more', asked: 'to go on' },
  [ServiceVerb.VERB_ROLLBACK]: { done: 'back at what it was before', asked: 'to go back to what it was before' },
  [ServiceVerb.VERB_CONTINUE]: { done: 'updated', asked: 'its update is to go on' },
  [ServiceVerb.VERB_REMOVE]: { done: 'removed', asked: 'to be removed' },
};

/** Services of which nothing is to be done, each with why. */
export const leftAlone = (changes: readonly ObjectChange[]): ReadonlyMap<string, string> =>
  new Map(changes.filter(({ action }) => action === 'none').map(({ name, changes: [why], effect }) => [name, why?.to ?? effect ?? '']));

/** Services that are to be changed. */
export const changedNames = (changes: readonly ObjectChange[]): readonly string[] => [
  ...new Set(changes.filter(({ kind, action }) => kind === 'service' && action !== 'none').map(({ name }) => name)),
];

/** `web, cache: restarted. db: left as it is, it has no tasks.` */
export const verbText = (verb: ServiceVerb, changes: readonly ObjectChange[], detach: boolean): string => {
  const names = changedNames(changes).map(oneLine).join(', ');
  const said = names === '' ? [] : [`${names}: ${detach ? words[verb].asked : words[verb].done}.`];
  const left = [...leftAlone(changes)].map(([name, why]) => `${oneLine(name)}: left as it is${why === '' ? '' : `, ${oneLine(why)}`}.`);
  return [...said, ...left].join(' ') || 'There is nothing to change.';
};
