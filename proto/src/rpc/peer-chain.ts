import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/** All certificates that the other side showed, in its order, its own first. */
export const peerChain = (socket: TLSSocket): readonly X509Certificate[] => {
  const chain: X509Certificate[] = [];
  for (let next = socket.getPeerX509Certificate(); next !== undefined; next = next.issuerCertificate) chain.push(next);
  return chain;
};
