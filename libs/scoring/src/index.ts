/** Asking scorers: the deployment's own or anybody's, one or several, with the same checks wherever verdicts are used. */
export { combineVerdicts } from './combine.ts';
export { checkReach, noteUnreachableScorers } from './check-reach.ts';
export { nameOfScorer, scorerServers } from './combined-judge.ts';
export type { Judge, Judgement, JudgeOptions } from './judge.ts';
export { openJudge } from './open-judge.ts';
export { requireScorers } from './require-scorers.ts';
