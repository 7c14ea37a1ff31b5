/** Which manager an agent turns to next, and when. Everything follows from how the attempts before ended. */

/** The manager of this node by its own socket, or one at an address. */
export type Target = { readonly kind: 'own' } | { readonly kind: 'address'; readonly address: string };

/** Whom there is to turn to just now. */
export interface Ways {
  /** A manager runs on this node. */
  readonly own: boolean;
  /** What other nodes are told of it; asked by its socket instead. */
  readonly ownAddress: string;
  /** Known managers' addresses, each once. */
  readonly addresses: readonly string[];
}

/** How a session, or the attempt at one, ended. */
export type Outcome =
  /** It was welcomed, and ended later. */
  | { readonly kind: 'lost' }
  /** It led once and said who does now. */
  | { readonly kind: 'lost-to'; readonly leader: string }
  /** It was welcomed, and ended here: this node could not do what it was told to. */
  | { readonly kind: 'given-up' }
  /** Nobody answered, or not in a way that helps. */
  | { readonly kind: 'failed' }
  /** A follower says who leads. */
  | { readonly kind: 'redirected'; readonly leader: string }
  /** A follower says that nobody leads just now. */
  | { readonly kind: 'leaderless' }
  /** The leader has much to do, and says when to come back. */
  | { readonly kind: 'admission'; readonly retryAfterMs: number };

export interface Plan {
  /** Attempts that failed since the last session was lost; one that this node ended is none to count from. */
  readonly failures: number;
  /** Redirects followed at once since the last pause. */
  readonly redirects: number;
  /** How often in a row a follower could not say who leads. */
  readonly waits: number;
  /** Tried in this round; when nobody is left, a new one begins. */
  readonly tried: readonly string[];
  /** Those of them that were lost or did not answer. */
  readonly gone: readonly string[];
  /** Whom to ask before all others. */
  readonly hint: string | undefined;
}

export interface PlanLimits {
  /** The first attempts after a loss are spread over so long. */
  readonly spreadMs: number;
  /** The longest pause between two attempts. */
  readonly longestMs: number;
  /** Redirects followed without a pause: two managers that each take the other for the leader must not be asked in circles. */
  readonly redirects: number;
  /** How often a follower is asked again who leads, before another manager is: this one may be cut off from the others. */
  readonly waits: number;
  /** How often a follower is asked again that names a leader which has just been lost; that may be there again, after all. */
  readonly staleWaits: number;
}

/** The own manager's name among the tried ones; no address looks like it. */
const own = 'own';

const nameOf = (target: Target): string => (target.kind === 'own' ? own : target.address);

export const firstPlan: Plan = { failures: 0, redirects: 0, waits: 0, tried: [], gone: [], hint: undefined };

/** To begin with the manager at this address. */
export const planFrom = (address: string): Plan => ({ ...firstPlan, hint: address });

/**
 * The plan after an attempt ended so.
 * @param reachedAt the address that the target was reached at: one that was asked by its name is known by its address too
 */
export const planAfter = (
  plan: Plan,
  target: Target | undefined,
  outcome: Outcome,
  limits: Pick<PlanLimits, 'waits' | 'staleWaits'>,
  reachedAt?: string,
): Plan => {
  const same = target === undefined ? undefined : nameOf(target);
  const names = [...new Set([same, reachedAt])].filter((it) => it !== undefined);
  const tried = [...plan.tried.filter((it) => !names.includes(it)), ...names];
  const gone = plan.gone.filter((it) => !names.includes(it));
  switch (outcome.kind) {
    case 'lost':
      return { ...firstPlan, tried: names, gone: names };
    case 'lost-to':
      return { ...firstPlan, hint: outcome.leader };
    case 'given-up':
      // The same manager would be asked by way of any other.
      return { ...firstPlan, failures: plan.failures + 1, hint: same };
    case 'failed':
      return { failures: plan.failures + 1, redirects: 0, waits: 0, tried, gone: [...gone, ...names], hint: undefined };
    case 'redirected':
      // It names who was just lost or did not answer: it has not noticed yet, and will be the first to know who follows.
      if (gone.includes(outcome.leader) && plan.waits < limits.staleWaits) {
        return { ...plan, redirects: 0, waits: plan.waits + 1, tried, gone, hint: same };
      }
      return { ...plan, redirects: plan.redirects + 1, waits: 0, tried, gone, hint: outcome.leader };
    case 'leaderless':
      // It will know first who is elected, and the connection to it stands.
      return plan.waits < limits.waits
        ? { ...plan, redirects: 0, waits: plan.waits + 1, tried, gone, hint: same }
        : { failures: plan.failures + 1, redirects: 0, waits: 0, tried, gone, hint: undefined };
    case 'admission':
      // It leads: nobody else is to be asked.
      return { ...plan, redirects: 0, waits: 0, tried, gone, hint: same };
    default:
      return outcome satisfies never;
  }
};

/**
 * How long to wait before the next attempt. After a loss a random part of `spreadMs`: a leader that a thousand agents lost at one instant
 * gets them one by one. While attempts fail that doubles. @param chance from [0, 1)
 */
export const pauseMs = (plan: Plan, outcome: Outcome, chance: number, limits: PlanLimits): number => {
  if (outcome.kind === 'admission') return Math.max(0, outcome.retryAfterMs) * (1 + chance / 4);
  if ((outcome.kind === 'leaderless' || outcome.kind === 'redirected') && plan.waits > 0) return limits.spreadMs * (0.5 + chance);
  if (outcome.kind === 'redirected' && plan.redirects <= limits.redirects) return 0;
  if (plan.failures === 0 && outcome.kind !== 'redirected') return limits.spreadMs * chance;
  const windowMs = Math.min(
    limits.longestMs,
    limits.spreadMs * 2 ** Math.min(Math.max(plan.failures, plan.redirects - limits.redirects), 20),
  );
  return windowMs * (0.25 + 0.75 * chance);
};

const known = ({ own: hasOwn, ownAddress, addresses }: Ways): readonly Target[] => [
  ...(hasOwn ? [{ kind: 'own' } as const] : []),
  ...addresses.filter((address) => !hasOwn || address !== ownAddress).map((address) => ({ kind: 'address', address }) as const),
];

const hinted = ({ hint }: Plan, { own: hasOwn, ownAddress }: Ways): Target | undefined => {
  if (hint === undefined) return undefined;
  if (hint === own || hint === ownAddress) return hasOwn ? { kind: 'own' } : undefined;
  return { kind: 'address', address: hint };
};

/**
 * Whom to ask next: the one that was hinted at, else the own manager, else anybody not tried in this round, by chance. Undefined: nobody is
 * known. @param chance from [0, 1)
 */
export const nextTarget = (plan: Plan, ways: Ways, chance: number): Target | undefined => {
  const hint = hinted(plan, ways);
  if (hint !== undefined) return hint;
  const all = known(ways);
  const untried = all.filter((target) => !plan.tried.includes(nameOf(target)));
  const last = plan.tried.at(-1);
  const again = all.length > 1 ? all.filter((target) => nameOf(target) !== last) : all;
  const candidates = untried.length > 0 ? untried : again;
  const [first] = candidates;
  return first?.kind === 'own' ? first : candidates[Math.floor(chance * candidates.length)];
};

/** The same plan, its round begun anew when everybody was tried. */
export const freshRound = (plan: Plan, ways: Ways): Plan =>
  known(ways).every((target) => plan.tried.includes(nameOf(target))) ? { ...plan, tried: plan.tried.slice(-1) } : plan;
