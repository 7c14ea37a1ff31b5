/** Of the time between when a renewal is due and the end of the certificate: renewals of many nodes spread over it. */
const spread = 0.1;
const firstRetryMs = 5_000;
const longestRetryMs = 3_600_000;

export interface CertificateTimes {
  readonly renewAtMs: number;
  readonly notAfterMs: number;
}

/** The instant to renew at: from when it is due on, up to a tenth of what is left then. @param chance from [0, 1) */
export const renewalInstant = ({ renewAtMs, notAfterMs }: CertificateTimes, chance: number): number =>
  renewAtMs + Math.max(0, notAfterMs - renewAtMs) * spread * chance;

/**
 * The pause after the n-th attempt that failed, counted from 1: it doubles, to at most an hour and at most a twentieth of what is left,
 * so that a short outage at the end of a certificate's life does not cost the node its place. @param chance from [0, 1)
 */
export const retryPauseMs = (failures: number, leftMs: number, chance: number): number => {
  const longest = Math.max(firstRetryMs, Math.min(longestRetryMs, leftMs / 20));
  const pause = Math.min(longest, firstRetryMs * 2 ** Math.min(failures - 1, 20));
  return pause * (0.5 + chance / 2);
};
