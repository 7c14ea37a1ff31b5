import { type ErrorCode, errorCodes, type RelayError, TsoError } from '@tso/proto';

/** What went wrong at the agent, as the failure it was there. */
export const relayFailure = ({ code, message, hint }: RelayError): TsoError =>
  new TsoError((errorCodes as readonly string[]).includes(code) ? (code as ErrorCode) : 'INTERNAL', message, hint === '' ? {} : { hint });
