import type { Link } from '@tso/proto';
import { addressAnswer, emptyAnswer, type PreparedAnswer, pointerAnswer, recordTypes, responseCodes } from './dns-message.ts';
import { type NameKey, nameKey, splitLastLabel } from './dns-name.ts';
import { isReverseOf, type NameOwner, type NameTable } from './dns-records.ts';

/** Who asks, as far as names depend on it. */
export interface ScopeOf {
  readonly stack: string;
  readonly links: readonly Link[];
}

/** What a task gets: its answer, or that the name is not ours. */
export type ScopeAnswer = PreparedAnswer | 'forward';

/** Answers that are kept prepared for one task; then all are prepared anew. */
const maxKept = 1_024;

type Families = Pick<NameOwner, 'addresses' | 'addresses6'>;

/** All addresses that a name has among these owners; a service's name hides those of single tasks. */
const familiesOf = (owners: readonly NameOwner[]): Families => {
  const services = owners.filter((owner) => owner.isService);
  const chosen = services.length > 0 ? services : owners;
  const [only] = chosen;
  if (chosen.length === 1 && only !== undefined) return only;
  return {
    addresses: [...new Set(chosen.flatMap((owner) => owner.addresses))],
    addresses6: [...new Set(chosen.flatMap((owner) => owner.addresses6))],
  };
};

/**
 * The names that one task sees: those of its networks, and its links. Of two stacks with the same name on a shared network its own counts, on
 * whichever of its networks that is; then the first network that has an address. Two services of the same stack (or both of others) with the same
 * alias are answered together.
 */
export class NameScope {
  readonly #tables: readonly NameTable[];
  readonly #stack: string;
  readonly #links: ReadonlyMap<NameKey, NameKey>;
  readonly #kept = new Map<number, Map<NameKey, PreparedAnswer>>();
  #keptCount = 0;

  /** @param tables the networks that the task is on, in its order */
  constructor(tables: readonly NameTable[], asker: ScopeOf) {
    this.#tables = tables;
    this.#stack = asker.stack;
    const links = asker.links.map(({ service, alias }) => [nameKey(alias === '' ? service : alias), nameKey(service)] as const);
    this.#links = new Map(links.filter((link): link is readonly [NameKey, NameKey] => link[0] !== undefined && link[1] !== undefined));
  }

  get tables(): readonly NameTable[] {
    return this.#tables;
  }

  /** Whether none of its networks leads out. */
  get isInternal(): boolean {
    return this.#tables.every((table) => table.internal);
  }

  answer(key: NameKey, type: number): ScopeAnswer {
    const kept = this.#kept.get(type)?.get(key);
    if (kept !== undefined) return kept;
    const answer = this.#prepare(key, type);
    if (answer !== 'forward' && answer.count > 0) this.#keep(key, type, answer);
    return answer;
  }

  #keep(key: NameKey, type: number, answer: PreparedAnswer): void {
    if (this.#keptCount >= maxKept) {
      this.#kept.clear();
      this.#keptCount = 0;
    }
    const answers = this.#kept.get(type) ?? new Map<NameKey, PreparedAnswer>();
    this.#kept.set(type, answers.set(key, answer));
    this.#keptCount += 1;
  }

  #prepare(key: NameKey, type: number): ScopeAnswer {
    if (type === recordTypes.ptr) {
      for (const table of this.#tables) {
        const name = table.pointers().get(key);
        if (name !== undefined) return pointerAnswer(name);
      }
      if (this.#tables.some((table) => isReverseOf(table, key))) return emptyAnswer(responseCodes.noSuchName);
    }
    const families = this.#find(key);
    return families === undefined ? 'forward' : answerOfType(families, type);
  }

  /** Undefined: nobody has the name. */
  #find(key: NameKey): Families | undefined {
    const link = this.#links.get(key);
    const linked = link === undefined ? undefined : this.#among(this.#tables, link);
    return linked ?? this.#among(this.#tables, key) ?? this.#belowNetwork(key);
  }

  #among(tables: readonly NameTable[], key: NameKey): Families | undefined {
    const found = tables.map((table) => table.owners().get(key)).filter((owners) => owners !== undefined);
    if (found.length === 0) return undefined;
    const own = found.map((owners) => owners.filter((owner) => owner.stack === this.#stack)).filter((owners) => owners.length > 0);
    const known = (own.length > 0 ? own : found).map(familiesOf);
    return {
      addresses: known.find(({ addresses }) => addresses.length > 0)?.addresses ?? [],
      addresses6: known.find(({ addresses6 }) => addresses6.length > 0)?.addresses6 ?? [],
    };
  }

  /** `web.shop_default`: the name on that network alone. */
  #belowNetwork(key: NameKey): Families | undefined {
    const parts = splitLastLabel(key);
    if (parts === undefined) return undefined;
    const tables = this.#tables.filter((table) => table.networkKey === parts.last);
    return tables.length === 0 ? undefined : this.#among(tables, parts.name);
  }
}

const answerOfType = ({ addresses, addresses6 }: Families, type: number): PreparedAnswer => {
  if (type === recordTypes.a) return addressAnswer(addresses);
  if (type === recordTypes.aaaa) return addressAnswer(addresses6);
  // Whoever asks for anything may be given something (RFC 8482, 4.1).
  if (type === recordTypes.any) return addressAnswer(addresses.length > 0 ? addresses : addresses6);
  return emptyAnswer();
};
