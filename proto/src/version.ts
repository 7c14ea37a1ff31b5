/** The release this tree is; the CHANGELOG has its story. */
export const version = '0.1.0';
