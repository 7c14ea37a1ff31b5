// Loads the compose file named on the command line and tells what became of it and what it cost: the child process of the test of bad input.
import { load, renderDiagnostic } from '@tso/compose';

const [file = ''] = process.argv.slice(2);
const result = await load({ files: [file], cwd: process.cwd(), env: { HOME: '/home/me' } });
const found = result.ok ? result.warnings : result.diagnostics;
const said = found.map((one) => renderDiagnostic(one, { color: false })).join('\n');
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
const cost = { rssMiB: maxRSS / 1024, cpuMs: (userCPUTime + systemCPUTime) / 1000 };
process.stdout.write(JSON.stringify({ ok: result.ok, codes: found.map(({ code }) => code), said, ...cost }));
