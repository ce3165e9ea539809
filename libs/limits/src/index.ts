/**
 * The most that a request may ask for, in one place for commands and services. Each is far beyond what is of use, and low enough that no
 * service reserves what the machine does not have, loops for years, or counts beyond the contract's 32 bits.
 */
export const LIMITS = {
  /** Completions a problem or prompt (N), and votes (k of maj@k). */
  samplesPerProblem: 10_000,
  /** Completions of an iteration, an evaluation's pass or a call: counts of them are int32. */
  completions: 100_000_000,
  /** Completions of one call of the sampler. */
  completionsPerCall: 1_000_000,
  /** Completions that a shard holds in memory. */
  completionsPerShard: 1_000_000,
  problemsPerShard: 100_000,
  /** Pairs a problem (K). */
  pairsPerProblem: 100_000,
  /** Stages of a dataset rule that combines others. */
  ruleStages: 16,
  iterations: 10_000,
  warmUpStages: 100,
  warmUpRounds: 1_000,
  /** Tokens of a completion, or of a record: no model has a longer context. */
  tokens: 10_000_000,
  stopTexts: 16,
  stopTextChars: 1_000,
  stopTokenIds: 1_000,
  /** Further k of pass@k and maj@k. */
  alsoAt: 100,
  epochs: 10_000,
  trainingSteps: 100_000_000,
  batchSize: 100_000,
  loraRank: 10_000,
  loraModules: 100,
  /** No step of AdamW may move weights by more than they are. */
  learningRate: 1,
  /** Beyond it every token of a vocabulary is about as probable as any other. */
  temperature: 10,
  /** Of losses and optimisers: beta, weights, decays, norms. */
  coefficient: 1_000_000,
  scorersOfCombination: 16,
  scorerSettings: 64,
  scorerSettingChars: 100_000,
  scorerWeight: 1_000_000,
  /** Answers of a judge to one question. */
  judgeDraws: 100,
  judgePoints: 1_000_000,
  /** Problems that a model writes in an iteration; the examples of all of them are held in memory. */
  writtenProblems: 10_000,
  /** Examples that it is shown each time. */
  writtenExamples: 64,
  /** Ten days; a timer takes 24 at most. */
  deadlineSeconds: 864_000,
  /** Tries of a call whose service is away. */
  attempts: 1_000,
  /** People who judge the same comparison, or skip it. */
  annotatorsPerItem: 100,
  /** Comparisons of a problem that people are asked. */
  comparisonsPerProblem: 1_000,
  /** For which an annotator has an item: a day. */
  leaseSeconds: 86_400,
  commentChars: 2_000,
  /** Replicas of a service that a request names. */
  replicas: 64,
  nameChars: 200,
  pathChars: 4_096,
} as const;
