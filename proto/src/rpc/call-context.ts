import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import { TsoError } from '../errors.ts';
import { headerOf } from './headers.ts';
import type { Method } from './method.ts';
import { identityOf, type PeerIdentity } from './tls.ts';

/** Who calls, as far as the door could tell. */
export interface CallContext {
  readonly peer: string;
  readonly roles: readonly string[];
  /** What the caller's verified certificate says; undefined on a unix socket. */
  readonly identity: PeerIdentity | undefined;
  /** Aborted when the caller went away or the server stops. */
  readonly signal: AbortSignal;
  /** What the caller said beside the request; nothing vouches for it but who the caller is. Undefined when it said nothing by that name. */
  header(name: string): string | undefined;
}

/** Which roles a peer has. On a unix socket that only root may open it is everyone's every role. May throw why it has none. */
export type Authenticate = (peer: string, identity: PeerIdentity | undefined) => readonly string[];

/** The role that the caller's certificate names, and none but that. PERMISSION_DENIED: it is one of another cluster. */
export const certificateRoles =
  (cluster: string): Authenticate =>
  (_peer, identity) => {
    if (identity === undefined) return [];
    if (identity.cluster === cluster) return [identity.role];
    throw new TsoError('PERMISSION_DENIED', `node ${identity.nodeId} belongs to cluster ${identity.cluster}, not to ${cluster}`);
  };

type Call = Pick<ServerUnaryCall<object, object>, 'getPeer' | 'getAuthContext' | 'metadata'> & {
  on(event: 'cancelled', listener: () => void): unknown;
};

/** The connection that a call came by. grpc-js does not show it; undefined if it ever keeps it elsewhere. */
const connectionOf = (call: Call): object | undefined =>
  (call as { readonly call?: { readonly stream?: { readonly session?: object } } }).call?.stream?.session;

const identities = new WeakMap<object, { readonly identity: PeerIdentity | undefined }>();

/** Reading a certificate takes a third as long as a whole call; it stays the same for as long as its connection. */
const callerOf = (call: Call): PeerIdentity | undefined => {
  const connection = connectionOf(call);
  const known = connection === undefined ? undefined : identities.get(connection);
  if (known !== undefined) return known.identity;
  const identity = identityOf(call.getAuthContext().sslPeerCertificate?.subject);
  if (connection !== undefined) identities.set(connection, { identity });
  return identity;
};

/** Made once: every call ends with `cancelled`, the answered ones too, and an error made anew each time costs a sixth of the call. */
const callerGone = new TsoError('CANCELLED', 'the caller went away');

class Context implements CallContext {
  readonly peer: string;
  readonly roles: readonly string[];
  readonly identity: PeerIdentity | undefined;
  readonly #metadata: Metadata;
  #controller: AbortController | undefined;
  #gone = false;

  constructor(call: Call, peer: string, roles: readonly string[], identity: PeerIdentity | undefined) {
    this.peer = peer;
    this.roles = roles;
    this.identity = identity;
    this.#metadata = call.metadata;
    call.on('cancelled', () => {
      this.#gone = true;
      this.#controller?.abort(callerGone);
    });
  }

  header(name: string): string | undefined {
    return headerOf(this.#metadata, name);
  }

  /** Made for those who ask for it: most handlers answer at once. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#gone) this.#controller.abort(callerGone);
    }
    return this.#controller.signal;
  }
}

/** Who calls, if the method is for them. PERMISSION_DENIED: it is not. */
export const contextOf = (call: Call, method: Method, authenticate: Authenticate): CallContext => {
  const peer = call.getPeer();
  const identity = callerOf(call);
  const roles = authenticate(peer, identity);
  if (!method.roles.some((role) => roles.includes(role))) {
    throw new TsoError(
      'PERMISSION_DENIED',
      `${method.path} is for ${method.roles.join(' or ')}, the caller is ${roles.join(', ') || 'nobody known'}`,
    );
  }
  return new Context(call, peer, roles, identity);
};
