import type { Platform } from '@tso/proto';
import { TsoError } from '@tso/proto';

const architectureAliases: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  x64: 'amd64',
  i386: '386',
  i686: '386',
  ia32: '386',
  aarch64: 'arm64',
  armhf: 'arm',
  armel: 'arm',
  ppc64: 'ppc64le',
  mipsel: 'mipsle',
};
const variantOfAlias: Readonly<Record<string, string>> = { armhf: 'v7', armel: 'v6' };

/** One spelling for one platform: `x86_64` is amd64, arm64 and arm64/v8 are the same, arm alone is v7 (containerd's platforms package). */
export const normalisePlatform = (platform: Platform): Platform => {
  const os = platform.os.toLowerCase() === 'macos' ? 'darwin' : platform.os.toLowerCase();
  const given = platform.architecture.toLowerCase();
  const architecture = architectureAliases[given] ?? given;
  const variant = platform.variant.toLowerCase() || (variantOfAlias[given] ?? '');
  if (architecture === 'arm64' && (variant === '8' || variant === 'v8')) return { os, architecture, variant: '' };
  if (architecture === 'amd64' && variant === 'v1') return { os, architecture, variant: '' };
  if (architecture === 'arm') return { os, architecture, variant: variant === '' ? 'v7' : /^\d/.test(variant) ? `v${variant}` : variant };
  return { os, architecture, variant };
};

/** `linux/arm/v7`; the variant only where there is one. */
export const formatPlatform = (platform: Platform): string =>
  [platform.os, platform.architecture, platform.variant].filter((part) => part !== '').join('/');

/** Reads `os/arch[/variant]`. INVALID_ARGUMENT otherwise. */
export const parsePlatform = (text: string): Platform => {
  const [os = '', architecture = '', variant = '', ...rest] = text.split('/');
  if (os === '' || architecture === '' || rest.length > 0 || !/^[\w.-]+(\/[\w.-]+){1,2}$/.test(text)) {
    throw new TsoError('INVALID_ARGUMENT', `platform ${JSON.stringify(text)} is not of the form os/arch[/variant]`, {
      hint: 'Such as linux/amd64 or linux/arm/v7',
    });
  }
  return normalisePlatform({ os, architecture, variant });
};

/** Variants that also run on the wanted one, best first: an ARM v7 core runs v6 and v5, an amd64 v3 machine runs v2 and plain. */
const runnableVariants = (wanted: Platform): readonly string[] => {
  const level = Number(/^v(\d+)$/.exec(wanted.variant)?.[1] ?? Number.NaN);
  if (wanted.architecture === 'arm') return Number.isNaN(level) ? [wanted.variant] : range(level, 5).map((n) => `v${n}`);
  if (wanted.architecture === 'amd64') return Number.isNaN(level) ? [wanted.variant] : [...range(level, 2).map((n) => `v${n}`), ''];
  return wanted.variant === '' ? [''] : [wanted.variant, ''];
};

const range = (from: number, downTo: number): readonly number[] => (from < downTo ? [] : [from, ...range(from - 1, downTo)]);

/** 0 is the best match, larger is worse, undefined: does not run there. */
export const platformRank = (offered: Platform, wanted: Platform): number | undefined => {
  const have = normalisePlatform(offered);
  const want = normalisePlatform(wanted);
  if (have.os !== want.os) return undefined;
  if (have.architecture === want.architecture) {
    const rank = runnableVariants(want).indexOf(have.variant);
    return rank === -1 ? undefined : rank;
  }
  return undefined;
};
