import {
  type CertificateReply,
  type JoinClusterRequest,
  type LeaveReply,
  type Node,
  NodeRole,
  type RenewRequest,
  TsoError,
} from '@tso/proto';
import type { Ca, CallContext, Handlers } from '@tso/proto/rpc';
import type { AuditOf } from '../api/audit.ts';
import { managerAddresses } from '../rules/manager-addresses.ts';
import { type CaPorts, type CaStore, type Known, unchanged } from './ca-store.ts';
import { type Issued, issueFor, type ProvenKey, provenKey, type Subject } from './issuer.ts';
import { IssuingQueue } from './issuing-queue.ts';
import { checkJoiner, hostOf, hostOfPeer, joined } from './join-rules.ts';
import { withRevoked } from './revocations.ts';
import { roleOfSecret } from './secrets.ts';

interface Granted {
  readonly known: Known;
  readonly issued: Issued;
  readonly role: NodeRole;
  readonly context: CallContext;
}

/** What somebody who got a certificate has to know. */
export const certificateReply = ({ known: { authority, cluster, view }, issued, role, context }: Granted): CertificateReply => ({
  ...issued,
  authorityEpoch: authority.epoch,
  clusterId: cluster.id,
  role,
  managers: managerAddresses(view),
  addressPool: cluster.addressPool,
  vxlanPort: cluster.vxlanPort,
  address: hostOfPeer(context.peer),
});

const roleName = (role: NodeRole): Subject['role'] => (role === NodeRole.MANAGER ? 'manager' : 'worker');

/** What it is to become if that is more, and what it is as long as it is that: it lays an office down only once it has left it. */
const roleToHave = ({ role, wantedRole }: Node): NodeRole =>
  role === NodeRole.MANAGER || wantedRole === NodeRole.MANAGER ? NodeRole.MANAGER : NodeRole.WORKER;

const badToken = (): TsoError =>
  new TsoError('PERMISSION_DENIED', 'the join token is not one of this cluster, or was replaced by another', {
    hint: 'Ask for the present one: `tso token worker` or `tso token manager` on a manager',
    details: { reason: 'token' },
  });

interface ToIssue {
  readonly key: ProvenKey;
  readonly nodeId: string;
  readonly role: NodeRole;
}

/** What nodes ask of the authority for themselves. */
export class NodeCertificates {
  readonly #options: { readonly nodeId: string };
  readonly #ports: CaPorts;
  readonly #store: CaStore;
  readonly #auditOf: AuditOf;
  readonly #queue = new IssuingQueue();

  readonly handlers: Pick<Handlers<typeof Ca>, 'join' | 'renew' | 'leave'>;

  /** @param options.nodeId of the node that this manager runs on: who calls on its socket is that node's agent */
  constructor(options: { readonly nodeId: string }, ports: CaPorts, store: CaStore, auditOf: AuditOf) {
    this.#options = options;
    this.#ports = ports;
    this.#store = store;
    this.#auditOf = auditOf;
    this.handlers = {
      join: (request, context) => this.#join(request, context),
      renew: (request, context) => this.#renew(request, context),
      leave: (_request, context) => this.#leave(context),
    };
  }

  async #join(request: JoinClusterRequest, context: CallContext): Promise<CertificateReply> {
    const { clock, logger } = this.#ports;
    const audit = this.#auditOf(context, '/tso.v1.Ca/Join', `node ${request.nodeId.slice(0, 25)}`);
    const reply = await this.#store.change(audit, async (known) => {
      const { authority, view } = known;
      const tokenRole = roleOfSecret(authority, request.secret);
      // Before anything of the rest is looked at: without a secret nobody makes us work.
      if (tokenRole === undefined) throw badToken();
      checkJoiner(request);
      const { nodeId, hostname, csr } = request;
      const existing = view.node(nodeId);
      const address = hostOf(request.address) || hostOfPeer(context.peer);
      const { node, role, issued } = await this.#queue.turn(context.signal, async () => {
        const key = await provenKey(csr);
        const joiner = { nodeId, hostname, address, keyDigest: key.digest, role: tokenRole };
        const become = joined(authority, existing, joiner, clock.now());
        return { ...become, issued: await this.#issue(known, { key, nodeId, role: become.role }) };
      });
      return {
        actions: node === existing ? [] : [{ putNode: node }],
        expect: [unchanged('node', nodeId, existing), unchanged('authority', authority.id, authority)],
        reply: certificateReply({ known, issued, role, context }),
      };
    });
    logger.info({ nodeId: request.nodeId, role: roleName(reply.role), peer: context.peer }, 'a node joined');
    return reply;
  }

  async #renew({ csr }: RenewRequest, context: CallContext): Promise<CertificateReply> {
    const known = await this.#store.read();
    const node = this.#callersNode(known, context);
    const role = roleToHave(node);
    const issued = await this.#queue.turn(context.signal, async () =>
      this.#issue(known, { key: await provenKey(csr), nodeId: node.id, role }),
    );
    this.#ports.logger.info({ nodeId: node.id, role: roleName(role), epoch: known.authority.epoch }, 'a certificate was renewed');
    return certificateReply({ known, issued, role, context });
  }

  async #leave(context: CallContext): Promise<LeaveReply> {
    const { logger } = this.#ports;
    const nodeId = this.#callersNodeId(context);
    await this.#store.change(this.#auditOf(context, '/tso.v1.Ca/Leave', `node ${nodeId}`), async (known) => {
      const node = this.#callersNode(known, context);
      if (roleToHave(node) === NodeRole.MANAGER) throw demoteFirst(node);
      const { authority } = known;
      return {
        actions: [
          { putNode: { ...node, removing: true } },
          { putAuthority: withRevoked(authority, node.id, 'node', this.#ports.clock.now()) },
        ],
        expect: [unchanged('node', node.id, node), unchanged('authority', authority.id, authority)],
        reply: {},
      };
    });
    logger.info({ nodeId }, 'a node leaves');
    return {};
  }

  #issue(known: Known, { key, nodeId, role }: ToIssue): Promise<Issued> {
    const { random, clock } = this.#ports;
    const subject = { name: nodeId, role: roleName(role), clusterId: known.cluster.id };
    const lifeMs = known.authority.certificateLifeMs;
    const bytes = (count: number): Uint8Array => random.bytes(count);
    return issueFor(known.authority, { key, subject, lifeMs }, bytes, clock.now());
  }

  #callersNodeId({ identity }: CallContext): string {
    return identity?.nodeId ?? this.#options.nodeId;
  }

  /** Its certificate says who it is; nobody asks for another node. */
  #callersNode({ view }: Known, context: CallContext): Node {
    const nodeId = this.#callersNodeId(context);
    const node = view.node(nodeId);
    if (node !== undefined && !node.removing) return node;
    const reason = node === undefined ? 'unknown' : 'removed';
    const why = node === undefined ? `this cluster knows no node ${nodeId}` : `node ${nodeId} was removed from this cluster`;
    throw new TsoError('PERMISSION_DENIED', why, { details: { reason } });
  }
}

const demoteFirst = ({ id, description }: Node): TsoError =>
  new TsoError('FAILED_PRECONDITION', `node ${description.hostname || id} is a manager: the others would still count on its vote`, {
    hint: `Demote it first: tso node demote ${description.hostname || id}`,
    details: { reason: 'manager', outcome: 'refused' },
  });
