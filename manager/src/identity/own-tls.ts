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
 * The certificate that this manager shows, as it is on disk now; undefined: it has none, and is reached by nobody else. Errors are those
 * of `loadTls`.
 * @param ports.open gives the unlock key when its own key is sealed
 */
export const loadOwnTls = async (
  { tls, identityDir }: OwnTlsOptions,
  { clock, open }: { readonly clock: Clock; readonly open: UnlockKey['open'] },
): Promise<TlsMaterial | undefined> => {
  if (tls === undefined && identityDir === undefined) return undefined;
  return open(async (passphrase) => {
    const files = tls ?? (await currentIdentityFiles(identityDir ?? ''));
    return loadTls(files, clock.now(), passphrase === undefined ? {} : { passphrase });
  });
};
