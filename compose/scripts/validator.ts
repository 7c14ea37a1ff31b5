import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { composeSchema } from '../src/schema/compose.schema.ts';
import { withSharedParts } from '../src/schema/shared-parts.ts';

const header = '// Made by compose/scripts/generate.ts from src/schema. Do not edit.\n';

/** The source of the module that `src/gen/compose-validator.js` has to be: what ajv makes of the schema of a compose file. */
export const validatorSource = (): string => {
  // Messages are our own (validate.ts), and so are the schema's parts they speak of: neither needs to be in the program.
  const ajv = new Ajv({
    allErrors: true,
    messages: false,
    strict: false,
    inlineRefs: false,
    code: { source: true, esm: true, lines: true },
  });
  const validate = ajv.compile(withSharedParts(composeSchema));
  return header + standalone.default(ajv, validate);
};
