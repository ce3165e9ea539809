/** Conformance kits: whether anybody's server keeps the contract of a scorer or of dataset rules. */
export type { CheckResult } from './kit.ts';
export { listRules } from './rule/probe.ts';
export { checkRules } from './rule/run-checks.ts';
export { settingsOf } from './rule/schema.ts';
export { checkScorers } from './scorer/run-checks.ts';
