import { dirname, join, matchesGlob, normalize } from 'node:path/posix';
import type { Finding } from './finding.ts';
import { isTest, type PackageName, packageOf, type SourceFile } from './tree.ts';

/** Which packages a package may import; nothing else of ours. */
export const packageDoors: Readonly<Record<PackageName, readonly PackageName[]>> = {
  proto: [],
  compose: ['proto'],
  manager: ['proto'],
  'node-agent': ['proto'],
  cli: ['compose', 'proto'],
  deploy: [],
  test: ['cli', 'compose', 'deploy', 'manager', 'node-agent', 'proto'],
};

/** The names under which each package lets itself be imported (package.json `exports`). */
export type PackageExports = Readonly<Record<string, readonly string[]>>;

const ours = /^@tso\/(?<name>[^/]+)(?:\/(?<door>.+))?$/;

/** Packages meet only at the doors that package.json opens, in the direction of the table. */
export const checkPackageDoors = (files: readonly SourceFile[], exports: PackageExports): readonly Finding[] =>
  files.flatMap((file) => {
    const from = packageOf(file.path);
    if (from === undefined) return [];
    return file.imports.flatMap(({ specifier, line }): Finding[] => {
      if (specifier.startsWith('.')) {
        const target = join(dirname(file.path), specifier);
        // The lab runs single rooms on the real kernel; it lies outside of them only because it needs root.
        if (packageOf(target) === from || from === 'test') return [];
        return [
          {
            path: file.path,
            line,
            message: `${specifier} reaches into another package by its path: import it by name (@tso/…), so that its door decides what others see`,
          },
        ];
      }
      const { name, door } = ours.exec(specifier)?.groups ?? {};
      if (name === undefined) return [];
      if (!packageDoors[from].includes(name as PackageName)) {
        const allowed = packageDoors[from].join(', ') || 'no package of ours';
        return [
          {
            path: file.path,
            line,
            message: `${from} may not import ${name} (it may import ${allowed}): move what both need to proto, or hand it in as a port. ARCHITECTURE.md, Doors, has the reasons`,
          },
        ];
      }
      const opened = door === undefined ? '.' : `./${door}`;
      if (exports[name]?.includes(opened)) return [];
      return [
        {
          path: file.path,
          line,
          message: `${specifier} is not a door of ${name}: export it from ${name}/src/index.ts, so that its inside stays free to change`,
        },
      ];
    });
  });

/** `@tso/proto/system` is the real clock, random source and log: whoever imports it can no longer be run by a simulation. */
export const checkSystemDoor = (files: readonly SourceFile[]): readonly Finding[] =>
  files
    .filter((file) => !isTest(file.path) && !/(^|\/)main\.tsx?$/.test(file.path) && packageOf(file.path) !== 'test')
    .flatMap((file) =>
      file.imports
        .filter(({ specifier }) => specifier === '@tso/proto/system')
        .map(({ line }) => ({
          path: file.path,
          line,
          message:
            'only main.ts imports @tso/proto/system: take Clock, Random or Logger as an argument, or a simulation can never run this file',
        })),
    );

/** A part of a package and what it may import of the same package. The first room whose globs match a file owns it. */
export interface Room {
  readonly name: string;
  readonly files: readonly string[];
  /** Names of rooms; `*` is every room. */
  readonly mayImport: readonly string[];
}

const resolveImport = (file: SourceFile, specifier: string): string => normalize(join(dirname(file.path), specifier));

const roomOf = (rooms: readonly Room[], path: string): Room | undefined =>
  rooms.find((room) => room.files.some((glob) => matchesGlob(path, glob)));

/** Rooms of one package import along their doors only; tests may look at what they test from anywhere in the package. */
export const checkRoomDoors = (files: readonly SourceFile[], folder: string, rooms: readonly Room[]): readonly Finding[] =>
  files
    .filter((file) => file.path.startsWith(folder) && !isTest(file.path))
    .flatMap((file) => {
      const from = roomOf(rooms, file.path);
      if (from === undefined) {
        return [
          {
            path: file.path,
            message: `belongs to no room: name its room and doors in test/tidy/rooms.ts, and in ARCHITECTURE.md when it is a new one`,
          },
        ];
      }
      return file.imports
        .filter(({ specifier }) => specifier.startsWith('.'))
        .flatMap(({ specifier, line }): Finding[] => {
          const to = roomOf(rooms, resolveImport(file, specifier));
          if (to === undefined || to === from || from.mayImport.includes('*') || from.mayImport.includes(to.name)) return [];
          const allowed = from.mayImport.join(', ') || 'nothing else of its package';
          return [
            {
              path: file.path,
              line,
              message: `${from.name} may not import ${to.name} (it may import ${allowed}): hand it in as a port, or move what both need down to a room both may import`,
            },
          ];
        });
    });
