export { defaultTransportLimits, type TransportLimits } from './limits.ts';
export { PeerTransport, type TransportOptions, type TransportPorts } from './transport.ts';
