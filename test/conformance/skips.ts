/** Cases that do not pass yet, or that this project decides otherwise, each with its reason. A case listed here that passes fails the test. */
export const skips: Readonly<Record<string, string>> = {};
