import type { Audit } from '@tso/proto';
import { type CalledBy, callerOf, isPassedOn } from './caller.ts';

/** Who asked for what, and from where; `target` in words: node 3k2…, join token of workers. */
export type AuditOf = (call: CalledBy, method: string, target: string) => Audit;

/** @param manager id of the node whose manager takes the requests */
export const auditBy =
  (manager: string): AuditOf =>
  (call, method, target) => {
    const caller = callerOf(call);
    // Passed on, it was another manager that took the request.
    if (isPassedOn(call)) return { ...caller, manager: call.identity?.nodeId ?? manager, method, target };
    // Somebody without a certificate has no name, and did not come by the socket.
    const source = call.identity === undefined && !call.roles.includes('client') ? call.peer : caller.source;
    return { ...caller, source, manager, method, target };
  };
