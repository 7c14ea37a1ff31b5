import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { PortProtocol, parseIpv4, sentenceOf, TsoError } from '@tso/proto';
import { type Claim, claimantName, claimName, clashingClaim } from './claims.ts';
import { byHolder, findHolder, isTaken } from './holder.ts';
import { protocolNames } from './publish.ts';

/** A bound socket; closes at once. */
interface Held {
  close(): void;
}

interface Holding {
  readonly claim: Claim;
  readonly sockets: readonly Held[];
  /** Tasks that reserved it and that no publish has named yet. */
  readonly fresh: Set<string>;
}

/** Both DNS server and holder bind port 53; SO_REUSEPORT lets one daemon do both and nobody of another user. */
const dnsPort = 53;

const holdTcp = (host: string, port: number): Promise<Held> =>
  new Promise((resolve, reject) => {
    // The rules refuse whatever would reach this socket; it is there so that nobody else gets the port.
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen({ host, port, ipv6Only: true, backlog: 1, reusePort: port === dnsPort }, () => {
      server.off('error', reject);
      server.on('error', () => undefined); // Accepting nothing, it has nothing to fail with that anyone could act on.
      server.unref();
      resolve({ close: () => void server.close() });
    });
  });

const holdUdp = (host: string, port: number, family: 'udp4' | 'udp6'): Promise<Held> =>
  new Promise((resolve, reject) => {
    const socket = createSocket({ type: family, ipv6Only: family === 'udp6', reusePort: port === dnsPort, recvBufferSize: 4096 });
    socket.once('error', reject);
    socket.bind({ address: host, port }, () => {
      socket.off('error', reject);
      socket.on('error', () => undefined); // Reading nothing that matters, see holdTcp.
      socket.unref();
      resolve({ close: () => void socket.close() });
    });
  });

const errnoOf = (error: unknown): string => (error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '');

/** A host without IPv6 has nothing to hold there. */
const unlessNoIpv6 = async (held: Promise<Held>): Promise<Held | undefined> => {
  try {
    return await held;
  } catch (error) {
    if (['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes(errnoOf(error))) return undefined;
    throw error;
  }
};

/**
 * Opens the sockets of a claim, both families for the wildcard. None for SCTP, which Node cannot bind: a program that listens already is in the way as
 * with the others, one that comes later binds and gets nothing, since what is not translated is refused by the rules.
 */
const openSockets = async (claim: Claim): Promise<readonly Held[]> => {
  if (claim.protocol === PortProtocol.SCTP) {
    if (await isTaken('sctp', claim.published, claim.hostIp))
      throw Object.assign(new Error('a program listens on it'), { code: 'EADDRINUSE' });
    return [];
  }
  const udp = claim.protocol === PortProtocol.UDP;
  const four = claim.hostIp === '' ? '0.0.0.0' : claim.hostIp;
  const first = await (udp ? holdUdp(four, claim.published, 'udp4') : holdTcp(four, claim.published));
  if (claim.hostIp !== '') return [first];
  try {
    const second = await unlessNoIpv6(udp ? holdUdp('::', claim.published, 'udp6') : holdTcp('::', claim.published));
    return second === undefined ? [first] : [first, second];
  } catch (error) {
    first.close();
    throw error;
  }
};

const bindFailure = async (claim: Claim, error: unknown): Promise<TsoError> => {
  const name = claimName(claim);
  const errno = errnoOf(error);
  if (errno === 'EADDRINUSE') {
    const holder = await findHolder(protocolNames[claim.protocol], claim.published, claim.hostIp);
    return new TsoError('CONFLICT', `port ${name} is taken on this host${byHolder(holder)}`, {
      hint: 'Stop that program or publish another port',
      details: holder === undefined ? { port: name } : { port: name, program: holder.name, pid: holder.pid },
      cause: error,
    });
  }
  if (errno === 'EADDRNOTAVAIL') {
    return new TsoError('INVALID_ARGUMENT', `port ${name} cannot be published: this host does not have the address ${claim.hostIp}`, {
      hint: 'Name an address of this host (ip address) or none',
      details: { missingAddress: claim.hostIp },
      cause: error,
    });
  }
  return new TsoError('INTERNAL', `port ${name} cannot be held: ${sentenceOf(error)}`, { cause: error });
};

/** Holds the published ports of this host by sockets, so that no other program takes them. */
export class HeldPorts {
  readonly #holdings = new Map<string, Holding>();
  /** One change at a time: two tasks of a service that come together share one holding. */
  #turn: Promise<unknown> = Promise.resolve();

  /** For a task that is about to begin. All or none. CONFLICT names who has one. */
  reserve(claims: readonly Claim[]): Promise<void> {
    return this.#exclusive(async () => {
      const added: string[] = [];
      try {
        for (const claim of claims) {
          const holding = await this.#hold(claim, added);
          holding.fresh.add(claim.taskId);
        }
      } catch (error) {
        for (const key of added) this.#release(key);
        throw error;
      }
    });
  }

  /** Holds exactly these, and what was reserved since and not named yet. Returns why others could not be held, by their key. */
  keep(claims: readonly Claim[]): Promise<ReadonlyMap<string, TsoError>> {
    return this.#exclusive(async () => {
      const named = new Map(claims.map((claim) => [claim.key, claim]));
      for (const [key, { fresh, claim }] of this.#holdings) {
        const wanted = named.get(key);
        // Also what goes over to another service: it is theirs only once it was given up.
        if (fresh.size === 0 && (wanted === undefined || clashingClaim([claim], wanted) !== undefined)) this.#release(key);
      }
      const failures = new Map<string, TsoError>();
      for (const claim of claims) {
        try {
          const holding = await this.#hold(claim, []);
          holding.fresh.delete(claim.taskId);
        } catch (error) {
          failures.set(claim.key, error instanceof TsoError ? error : await bindFailure(claim, error));
        }
      }
      return failures;
    });
  }

  /** Forgets what a task reserved and never published. */
  forget(taskIds: (taskId: string) => boolean, claims: readonly Claim[]): Promise<void> {
    return this.#exclusive(async () => {
      const named = new Set(claims.map((claim) => claim.key));
      for (const [key, holding] of this.#holdings) {
        for (const taskId of holding.fresh) if (taskIds(taskId)) holding.fresh.delete(taskId);
        if (holding.fresh.size === 0 && !named.has(key)) this.#release(key);
      }
    });
  }

  releaseAll(): Promise<void> {
    return this.#exclusive(async () => {
      for (const key of [...this.#holdings.keys()]) this.#release(key);
    });
  }

  /** @param added gets the key of a holding that was not there before */
  async #hold(claim: Claim, added: string[]): Promise<Holding> {
    const known = this.#holdings.get(claim.key);
    if (known !== undefined && clashingClaim([known.claim], claim) === undefined) return known;
    this.#check(claim);
    const covered = [...this.#holdings.values()].some(
      ({ claim: other }) => other.protocol === claim.protocol && other.published === claim.published,
    );
    try {
      // The same service at another address of the same port: the wildcard socket cannot be bound beside one of our own, and need not be.
      const sockets = covered ? [] : await openSockets(claim);
      const holding = { claim, sockets, fresh: new Set<string>() };
      this.#holdings.set(claim.key, holding);
      added.push(claim.key);
      return holding;
    } catch (error) {
      throw await bindFailure(claim, error);
    }
  }

  #check(claim: Claim): void {
    if (claim.published < 1 || claim.published > 65_535) {
      throw new TsoError(
        'INVALID_ARGUMENT',
        `service ${claim.serviceName} publishes the port ${claim.published}, which is not in 1 to 65535`,
      );
    }
    if (claim.hostIp !== '' && parseIpv4(claim.hostIp) === undefined) {
      throw new TsoError(
        'UNIMPLEMENTED',
        `port ${claimName(claim)} of service ${claim.serviceName} is published at an address that is not IPv4`,
        {
          hint: 'Name an IPv4 address of this host or none',
        },
      );
    }
    const other = clashingClaim(
      [...this.#holdings.values()].map((holding) => holding.claim),
      claim,
    );
    if (other === undefined) return;
    throw new TsoError('CONFLICT', `port ${claimName(claim)} is taken on this host by ${claimantName(other)}`, {
      hint: 'Publish another port',
    });
  }

  #release(key: string): void {
    for (const socket of this.#holdings.get(key)?.sockets ?? []) socket.close();
    this.#holdings.delete(key);
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
