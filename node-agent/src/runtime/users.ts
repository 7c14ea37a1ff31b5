import { TsoError } from '@tso/proto';

export interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

export interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** Whom a process runs as. */
export interface ResolvedUser {
  readonly uid: number;
  readonly gid: number;
  /** Sorted, unique, gid among them. */
  readonly additionalGids: readonly number[];
  readonly home: string;
}

const largestId = 4_294_967_294; // 2^32 - 1 means "no change" to chown(2) and setresuid(2)
const idOf = (text: string | undefined): number | undefined => {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  const id = Number(text);
  return id <= largestId ? id : undefined;
};

const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

/** The well-formed lines of an /etc/passwd (passwd(5)), in order; others are passed over, as libc does. */
export const parsePasswd = (text: string): readonly PasswdEntry[] =>
  lines(text).flatMap((line) => {
    const [name, , uidText, gidText, , home] = line.split(':');
    const uid = idOf(uidText);
    const gid = idOf(gidText);
    return name === undefined || name === '' || uid === undefined || gid === undefined ? [] : [{ name, uid, gid, home: home ?? '' }];
  });

/** The well-formed lines of an /etc/group (group(5)), in order. */
export const parseGroup = (text: string): readonly GroupEntry[] =>
  lines(text).flatMap((line) => {
    const [name, , gidText, members] = line.split(':');
    const gid = idOf(gidText);
    if (name === undefined || name === '' || gid === undefined) return [];
    return [
      {
        name,
        gid,
        members: (members ?? '')
          .split(',')
          .map((member) => member.trim())
          .filter((member) => member !== ''),
      },
    ];
  });

const gidOf = (groups: readonly GroupEntry[], group: string, image: string): number => {
  const found = groups.find((entry) => entry.name === group)?.gid ?? idOf(group);
  if (found !== undefined) return found;
  throw new TsoError('FAILED_PRECONDITION', `group ${group} is not in /etc/group of the image ${image}`, {
    hint: 'Use a number, or a group that the image has',
  });
};

export interface UserQuestion {
  /** `name|uid[:group|gid]`; empty: root. */
  readonly user: string;
  readonly groupAdd: readonly string[];
  readonly passwd: string;
  readonly group: string;
  readonly image: string;
}

/**
 * Whom `user` means in an image. A number needs no entry; a name does (FAILED_PRECONDITION). The groups that list the user as a member
 * count only when no group is given (OCI image-spec config.md, `User`).
 */
export const resolveUser = (question: UserQuestion): ResolvedUser => {
  const [wantedUser = '', wantedGroup = ''] = question.user.split(':', 2);
  const user = wantedUser === '' ? '0' : wantedUser;
  const entry = parsePasswd(question.passwd).find((line) => line.name === user || String(line.uid) === user);
  const uid = entry?.uid ?? idOf(user);
  if (uid === undefined) {
    throw new TsoError('FAILED_PRECONDITION', `user ${user} is not in /etc/passwd of the image ${question.image}`, {
      hint: 'Use a number, or a user that the image has',
    });
  }
  const groups = parseGroup(question.group);
  const gid = wantedGroup === '' ? (entry?.gid ?? 0) : gidOf(groups, wantedGroup, question.image);
  const member =
    wantedGroup === '' && entry !== undefined ? groups.filter((line) => line.members.includes(entry.name)).map((line) => line.gid) : [];
  const added = question.groupAdd.map((name) => gidOf(groups, name, question.image));
  // With its own group among them: a program that takes on another group (setgid) would lose it, and with it what files deny that group.
  const additionalGids = [...new Set([gid, ...member, ...added])].sort((a, b) => a - b);
  return { uid, gid, additionalGids, home: entry?.home === undefined || entry.home === '' ? '/' : entry.home };
};
