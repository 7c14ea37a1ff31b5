import { X509Certificate } from 'node:crypto';
import {
  type Authority,
  type AuthorityView,
  type CertificateReply,
  formatToken,
  type IssueClientRequest,
  type JoinTokens,
  NodeRole,
  type RevokeClientReply,
  type RotateAuthorityRequest,
  type SetAutolockRequest,
  TsoError,
  type UnlockKey,
} from '@tso/proto';
import { certificateDigest } from '@tso/proto/pki';
import type { Ca, CallContext, Handlers } from '@tso/proto/rpc';
import type { AuditOf } from '../api/audit.ts';
import { managerAddresses } from '../rules/manager-addresses.ts';
import type { View } from '../store/view.ts';
import { crossSign, makeRoot } from './authority.ts';
import { authorityView } from './authority-view.ts';
import { withAutolock } from './autolock.ts';
import { type CaPorts, type CaStore, type Known, unchanged } from './ca-store.ts';
import { checkedRoot } from './given-root.ts';
import { issue } from './issuer.ts';
import { checkClientName } from './join-rules.ts';
import { certificateReply } from './node-certificates.ts';
import { defaultClientLifeMs, isRevoked, maxClientLifeMs, maxNodeLifeMs, minNodeLifeMs, withRevoked } from './revocations.ts';
import { begunRotation, type Root } from './rotation.ts';
import { newSecret, tokensOf, withSecret } from './tokens.ts';

const dayMs = 86_400_000;

const checkLife = (what: string, lifeMs: number, minMs: number, maxMs: number): void => {
  if (lifeMs >= minMs && lifeMs <= maxMs) return;
  const message = `the life of ${what} must be between ${minMs / 3_600_000} hours and ${maxMs / dayMs} days`;
  throw new TsoError('INVALID_ARGUMENT', message, { details: { reason: 'life', lifeMs } });
};

const viewOf = (authority: Authority, view: View): AuthorityView => {
  const { certificate } = authority;
  const notAfterMs = new X509Certificate(certificate).validToDate.getTime();
  return authorityView(authority, view.nodes(), { digest: certificateDigest(certificate), notAfterMs });
};

const tokens = (authority: Authority, view: View): JoinTokens => {
  const { worker, manager } = tokensOf(authority, certificateDigest(authority.certificate));
  return { worker: formatToken(worker), manager: formatToken(manager), managers: managerAddresses(view) };
};

const wasRevoked = (name: string): TsoError =>
  new TsoError('FAILED_PRECONDITION', `certificates of ${name} are refused: one of that name was revoked`, {
    hint: 'Take another name',
    details: { reason: 'revoked' },
  });

/** What operators ask of the authority. */
export class Operators {
  readonly #ports: CaPorts;
  readonly #store: CaStore;
  readonly #auditOf: AuditOf;

  readonly handlers: Omit<Handlers<typeof Ca>, 'join' | 'renew' | 'leave'>;

  constructor(ports: CaPorts, store: CaStore, auditOf: AuditOf) {
    this.#ports = ports;
    this.#store = store;
    this.#auditOf = auditOf;
    this.handlers = {
      getJoinTokens: async () => this.#read(({ authority, view }) => tokens(authority, view)),
      rotateJoinToken: ({ role }, context) => this.#rotateJoinToken(role, context),
      getAuthority: async () => this.#read(({ authority, view }) => viewOf(authority, view)),
      rotateAuthority: (request, context) => this.#rotateAuthority(request, context),
      issueClient: (request, context) => this.#issueClient(request, context),
      revokeClient: ({ name }, context) => this.#revokeClient(name, context),
      setAutolock: (request, context) => this.#setAutolock(request, context),
      getUnlockKey: async () => this.#read(({ authority }) => ({ key: authority.unlockKey })),
    };
  }

  async #read<T>(read: (known: Known) => T): Promise<T> {
    return read(await this.#store.read());
  }

  #random = (count: number): Uint8Array => this.#ports.random.bytes(count);

  async #rotateJoinToken(role: NodeRole, context: CallContext): Promise<JoinTokens> {
    const whose = role === NodeRole.MANAGER ? 'managers' : 'workers';
    const audit = this.#auditOf(context, '/tso.v1.Ca/RotateJoinToken', `join token of ${whose}`);
    const secret = newSecret(this.#random);
    const authority = await this.#store.changeAuthority(audit, ({ authority }) => withSecret(authority, role, secret));
    this.#ports.logger.info({ role: whose }, 'a join token was replaced');
    return tokens(authority, this.#ports.proposer.view);
  }

  async #rotateAuthority(request: RotateAuthorityRequest, context: CallContext): Promise<AuthorityView> {
    const { certificateLifeMs, viewOnly } = request;
    if (certificateLifeMs !== 0) checkLife('certificates', certificateLifeMs, minNodeLifeMs, maxNodeLifeMs);
    const audit = this.#auditOf(context, '/tso.v1.Ca/RotateAuthority', 'authority');
    const authority = await this.#store.changeAuthority(audit, async ({ authority }) => {
      const lived = certificateLifeMs === 0 ? authority : { ...authority, certificateLifeMs };
      return viewOnly ? lived : this.#rotated(lived, request);
    });
    if (!viewOnly) this.#ports.logger.info({ epoch: authority.epoch }, 'the authority is being rotated');
    return viewOf(authority, this.#ports.proposer.view);
  }

  /** With the new root, or as it is when that one is already on its way. CONFLICT: another one is. */
  async #rotated(authority: Authority, { certificate, key }: RotateAuthorityRequest): Promise<Authority> {
    const isGiven = certificate !== '' || key !== '';
    if (authority.rotation !== undefined) {
      if (!isGiven || certificateDigest(certificate) === certificateDigest(authority.certificate)) return authority;
      throw new TsoError('CONFLICT', 'another authority is taking the place of the old one just now', {
        hint: 'Wait until `tso ca` says that the rotation is over',
        details: { reason: 'rotating', outcome: 'refused' },
      });
    }
    const nowMs = this.#ports.clock.now();
    const next = isGiven ? await checkedRoot({ certificate, key }, nowMs, authority.certificateLifeMs) : await this.#makeRoot(nowMs);
    return begunRotation(authority, next, await crossSign(next, authority, this.#random, nowMs), nowMs);
  }

  #makeRoot(nowMs: number): Promise<Root> {
    return makeRoot(this.#ports.proposer.view.cluster()?.id ?? '', this.#random, nowMs);
  }

  async #issueClient({ name, csr, lifeMs }: IssueClientRequest, context: CallContext): Promise<CertificateReply> {
    checkClientName(name);
    if (lifeMs !== 0) checkLife("a client's certificate", lifeMs, minNodeLifeMs, maxClientLifeMs);
    const audit = this.#auditOf(context, '/tso.v1.Ca/IssueClient', `client ${name}`);
    const reply = await this.#store.change(audit, async (known) => {
      const { authority, cluster } = known;
      const nowMs = this.#ports.clock.now();
      if (isRevoked(authority, name, 'client', nowMs)) throw wasRevoked(name);
      const subject = { name, role: 'client', clusterId: cluster.id } as const;
      const issued = await issue(authority, { csr, subject, lifeMs: lifeMs || defaultClientLifeMs }, this.#random, nowMs);
      return {
        actions: [],
        recorded: true,
        expect: [unchanged('authority', authority.id, authority)],
        reply: certificateReply({ known, issued, role: NodeRole.WORKER, context }),
      };
    });
    this.#ports.logger.info({ name, notAfterMs: reply.notAfterMs }, 'a certificate for a client was issued');
    return reply;
  }

  async #revokeClient(name: string, context: CallContext): Promise<RevokeClientReply> {
    checkClientName(name);
    const audit = this.#auditOf(context, '/tso.v1.Ca/RevokeClient', `client ${name}`);
    const nowMs = this.#ports.clock.now();
    await this.#store.changeAuthority(audit, ({ authority }) => withRevoked(authority, name, 'client', nowMs));
    this.#ports.logger.info({ name }, 'the certificates of a client were revoked');
    return {};
  }

  async #setAutolock(request: SetAutolockRequest, context: CallContext): Promise<UnlockKey> {
    const audit = this.#auditOf(context, '/tso.v1.Ca/SetAutolock', 'autolock');
    const authority = await this.#store.changeAuthority(audit, ({ authority }) => withAutolock(authority, request, this.#random));
    this.#ports.logger.info({ locked: authority.unlockKey !== '' }, 'autolock was set');
    return { key: authority.unlockKey };
  }
}
