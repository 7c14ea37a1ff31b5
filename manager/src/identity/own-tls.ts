import type { Clock } from '@tso/proto';
import { currentIdentityFiles } from '@tso/proto/pki';
import { loadTls, type TlsFiles, type TlsMaterial } from '@tso/proto/rpc';
import type { UnlockKey } from './unlock-key.ts';

export interface OwnTlsOptions {
  /** Files made elsewhere; they go before the directory. */
  readonly tls: TlsFiles | undefined;
  readonly identityDir: string | undefined;
}

/**
 * The certificate that this manager shows, as it is on disk now; undefined: it has none, and is reached by nobody else. Waits for the
 * unlock key when its own key is sealed. Errors are those of `loadTls`.
 */
export const loadOwnTls = async (
  { tls, identityDir }: OwnTlsOptions,
  { clock, unlockKey }: { readonly clock: Clock; readonly unlockKey: UnlockKey },
): Promise<TlsMaterial | undefined> => {
  if (tls === undefined && identityDir === undefined) return undefined;
  return unlockKey.open(async (passphrase) => {
    const files = tls ?? (await currentIdentityFiles(identityDir ?? ''));
    return loadTls(files, clock.now(), passphrase === undefined ? {} : { passphrase });
  });
};
