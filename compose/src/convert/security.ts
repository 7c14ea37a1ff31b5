import { FileProblem } from '../file-port.ts';
import type { ServiceModel } from '../model.ts';
import { expandHome, resolvePath } from '../paths.ts';
import { pathText, type TreePath } from '../tree.ts';
import { type ConvertInput, tell } from './context.ts';

export interface Security {
  readonly noNewPrivileges: boolean;
  /** Empty: the default profile; `unconfined`; or a profile's JSON. */
  readonly seccomp: string;
}

const readProfile = (input: ConvertInput, value: string, path: TreePath): string => {
  const file = resolvePath(input.workingDir, expandHome(value, input.home));
  try {
    const text = input.files.read(file);
    JSON.parse(text);
    return text;
  } catch (error) {
    if (error instanceof FileProblem) tell(input, 'E101', path, `the seccomp profile ${file} ${error.reason}`, 'check the path');
    else if (error instanceof SyntaxError)
      tell(input, 'E202', path, `the seccomp profile ${file} is not JSON: ${error.message}`, 'check the file');
    else throw error;
    return '';
  }
};

/** security_opt: no-new-privileges, seccomp; what else it can say is refused or warned of by name. */
export const toSecurity = (input: ConvertInput, service: ServiceModel, name: string): Security => {
  let security: Security = { noNewPrivileges: false, seccomp: '' };
  for (const [index, option] of (service.security_opt ?? []).entries()) {
    const path = ['services', name, 'security_opt', index];
    const [key = '', value = ''] = option.split(/[=:](.*)/s);
    if (key === 'no-new-privileges') security = { ...security, noNewPrivileges: value !== 'false' };
    else if (key === 'seccomp' && value === 'unconfined') security = { ...security, seccomp: 'unconfined' };
    else if (key === 'seccomp' && value === 'builtin') security = { ...security, seccomp: '' };
    else if (key === 'seccomp') security = { ...security, seccomp: readProfile(input, value, path) };
    else if (key === 'label' || (key === 'apparmor' && value === 'unconfined')) {
      tell(
        input,
        'W400',
        path,
        `${option} has no effect (${pathText(path)})`,
        `tso sets no ${key === 'label' ? 'SELinux label' : 'AppArmor profile'}`,
      );
    } else tell(input, 'E401', path, `the security option '${option}' is not supported yet`, 'no-new-privileges and seccomp are');
  }
  return security;
};
