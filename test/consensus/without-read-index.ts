// node --import: a manager whose reads do not ask the leader first. Its sources stay as they are; this process alone reads them otherwise.
import { registerHooks } from 'node:module';

const honest = 'await proposer.fresh();\n  const config = proposer.view.configByName(name);';
const careless = 'const config = proposer.view.configByName(name);';

registerHooks({
  load: (url, context, next) => {
    const loaded = next(url, context);
    if (!url.endsWith('/manager/src/api/configs.ts')) return loaded;
    const text = String(loaded.source);
    if (text.split(honest).length !== 2) throw new Error('manager/src/api/configs.ts reads in another way now: adapt this variant of it');
    return { ...loaded, source: text.replace(honest, careless) };
  },
});
