// Removes the lab that TSO_LAB_FOLDER and TSO_LAB_CGROUPS name.
import { sweep } from './sweep.ts';

const { TSO_LAB_FOLDER: folder = '', TSO_LAB_CGROUPS: cgroupPrefix = '' } = process.env;
if (!folder.includes('/tso-lab-') || !cgroupPrefix.startsWith('/tso-lab-'))
  throw new Error('TSO_LAB_FOLDER or TSO_LAB_CGROUPS names no lab');
await sweep({ folder, cgroupPrefix });
