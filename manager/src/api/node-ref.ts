import { type Node, shortId, TsoError } from '@tso/proto';
import type { View } from '../store/view.ts';

/** What a person calls the node: its hostname, or the beginning of its id while nothing was heard of it. */
export const nodeLabel = (node: Node): string => (node.description.hostname === '' ? shortId(node.id) : node.description.hostname);

const listed = (nodes: readonly Node[]): string =>
  nodes
    .map((node) => `${shortId(node.id)} (${node.description.hostname || 'no name yet'})`)
    .sort()
    .join(', ');

const mostNamed = 10;

const ambiguous = (what: string, nodes: readonly Node[]): TsoError =>
  new TsoError('INVALID_ARGUMENT', `${what}: ${listed(nodes.slice(0, mostNamed))}${nodes.length > mostNamed ? ', …' : ''}`, {
    hint: 'Give the id, or more characters of it',
    details: { nodes: nodes.map(({ id }) => id) },
  });

/** Letters to change, to put in or to leave out until one text is the other (Levenshtein). */
const distance = (a: string, b: string): number => {
  let row = [...Array(b.length + 1).keys()];
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};

const mostSimilar = 3;
const longestCompared = 64;

/** Hostnames that may have been meant, the likeliest first. */
const similar = (nodes: readonly Node[], ref: string): readonly string[] => {
  if (ref.length > longestCompared) return [];
  const wanted = ref.toLowerCase();
  const limit = Math.ceil(wanted.length / 3);
  return [...new Set(nodes.map(({ description }) => description.hostname).filter((name) => name !== ''))]
    .map((name) => {
      const there = name.slice(0, longestCompared).toLowerCase();
      return { name, away: there.includes(wanted) || wanted.includes(there) ? 0 : distance(wanted, there) };
    })
    .filter(({ away }) => away <= limit)
    .sort((a, b) => a.away - b.away || (a.name < b.name ? -1 : 1))
    .slice(0, mostSimilar)
    .map(({ name }) => name);
};

const missing = (nodes: readonly Node[], ref: string): TsoError => {
  const candidates = similar(nodes, ref);
  return new TsoError('NOT_FOUND', `there is no node ${ref}`, {
    hint: candidates.length === 0 ? 'tso node ls lists the nodes' : `Did you mean ${candidates.join(' or ')}?`,
    details: { node: ref, similar: candidates },
  });
};

/**
 * The node that is meant: by its id, by a hostname that only one has, or by the beginning of an id that means only one. NOT_FOUND: none;
 * the hint names similar ones. INVALID_ARGUMENT: nothing was said, or more than one is meant; the message names them.
 */
export const nodeOf = (view: View, ref: string): Node => {
  if (ref === '') throw new TsoError('INVALID_ARGUMENT', 'it was not said which node is meant', { hint: 'Give its hostname or id' });
  const exact = view.node(ref);
  if (exact !== undefined) return exact;
  const nodes = view.nodes();
  const named = nodes.filter(({ description }) => description.hostname === ref);
  const found = named.length > 0 ? named : nodes.filter(({ id }) => id.startsWith(ref));
  const [only, second] = found;
  if (only === undefined) throw missing(nodes, ref);
  if (second === undefined) return only;
  throw ambiguous(
    named.length > 0 ? `${found.length} nodes have the hostname ${ref}` : `${found.length} node ids begin with ${ref}`,
    found,
  );
};
