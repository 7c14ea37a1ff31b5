import type { Ca, Handlers } from '@tso/proto/rpc';
import { auditBy } from '../api/audit.ts';
import { type CaPorts, CaStore } from './ca-store.ts';
import { NodeCertificates } from './node-certificates.ts';
import { Operators } from './operators.ts';
import { loadX509 } from './signing-key.ts';

/**
 * The service Ca, on any manager. At the door for joiners only `join` answers, at the one for members all the others, each to whom the
 * .proto names.
 * @param options.nodeId of the node that this manager runs on
 */
export const caHandlers = (options: { readonly nodeId: string }, ports: CaPorts): Handlers<typeof Ca> => {
  const store = new CaStore(ports);
  const auditOf = auditBy(options.nodeId);
  return {
    ...new NodeCertificates(options, ports, store, auditOf).handlers,
    ...new Operators(ports, store, auditOf).handlers,
  };
};

/** Loads what certificates are made with: a tenth of a second's work that the first who asks would find the manager busy with. */
export const prepareIssuing = async (): Promise<void> => {
  await loadX509();
};
