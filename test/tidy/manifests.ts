import { builtinModules } from 'node:module';
import { packageDoors } from './doors.ts';
import type { Finding } from './finding.ts';
import { isTest, type PackageName, packageOf, packages, type SourceFile } from './tree.ts';

/** The parts of a package.json that the rules read. */
export interface Manifest {
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}
export type Manifests = Readonly<Record<PackageName, Manifest>>;

/** `@scope/name` or `name` of a module specifier; undefined for relative and built-in ones. */
export const dependencyOf = (specifier: string): string | undefined => {
  if (/^[./]/.test(specifier) || specifier.startsWith('node:') || builtinModules.includes(specifier)) return undefined;
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
};

/** What a package imports it declares itself, or an install of it alone would break. The workspace root's own tools are there for all tests and builds. */
export const checkDeclared = (files: readonly SourceFile[], manifests: Manifests, rootManifest: Manifest): readonly Finding[] =>
  files.flatMap((file) => {
    const owner = packageOf(file.path);
    if (owner === undefined) return [];
    const manifest = manifests[owner];
    const shipped = file.path.startsWith(`${owner}/src/`) && !isTest(file.path) && owner !== 'deploy' && owner !== 'test';
    const declared = new Set([
      ...Object.keys(manifest.dependencies ?? {}),
      ...(shipped ? [] : [...Object.keys(manifest.devDependencies ?? {}), ...Object.keys(rootManifest.devDependencies ?? {})]),
    ]);
    return file.imports.flatMap(({ specifier, line }) => {
      const dependency = dependencyOf(specifier);
      if (dependency === undefined || declared.has(dependency)) return [];
      return [
        {
          path: file.path,
          line,
          message: `${dependency} is not among the dependencies of ${owner}/package.json: declare it, or it is there only by luck`,
        },
      ];
    });
  });

/** The doors in package.json are those of the table. */
export const checkManifestDoors = (manifests: Manifests): readonly Finding[] =>
  packages.flatMap((name) =>
    Object.keys({ ...manifests[name].dependencies, ...manifests[name].devDependencies })
      .filter((dependency) => dependency.startsWith('@tso/') && !packageDoors[name].some((allowed) => dependency === `@tso/${allowed}`))
      .map((dependency) => ({
        path: `${name}/package.json`,
        message: `${name} may not depend on ${dependency}: see the doors in ARCHITECTURE.md`,
      })),
  );
