/** The most pairs or examples that a problem may give: LIMITS.pairsPerProblem of the contracts. */
export const MOST_RECORDS = 100_000;
