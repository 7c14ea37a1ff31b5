const names: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le', mipsel: 'mipsle' };

/** How images call the family of processors that Node.js calls so, on Linux (OCI image-spec image-index, GOARCH): `x64` is amd64, `arm64` arm64. */
export const imageArchitecture = (arch: string): string => names[arch] ?? arch;
