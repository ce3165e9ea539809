/** Who judges, as run files say it: a name, a server, or several that combine by a rule. */
import { z } from 'zod';
import { byShape } from './by-shape.ts';
import { tlsKey } from './server.ts';

const single = z.strictObject({
  name: z.string().describe('Name of the scorer, such as gsm8k, math, choice or exact.'),
  address: z.string().default('').describe("host:port of its server; empty means the deployment's own scorer."),
  config: z.record(z.string(), z.string()).default({}).describe('Its settings, by name.'),
  tls: tlsKey,
  timeout_ms: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('Longest wait for a call, in milliseconds; 0 means the default.'),
  weight: z.number().gt(0).optional().describe('Its weight in a weighted mean; absent means 1.'),
});

export const COMBINATION_RULES = ['all', 'any', 'weighted_mean', 'first_scored'] as const;

const combined = z.strictObject({
  rule: z.enum(COMBINATION_RULES).describe('How their verdicts become one.'),
  threshold: z.number().gt(0).max(1).optional().describe('Least weighted mean that is right; with weighted_mean only.'),
  scorers: z
    .array(byShape('name', () => single))
    .min(2)
    .describe('Two or more scorers, each a name or a mapping.'),
});

/** A scorer's name, its mapping, or a rule with scorers. */
export const scorerEntry = byShape(
  'name',
  (given) => ('rule' in given ? combined : single) as typeof combined | typeof single,
);
export type ScorerEntry = z.infer<typeof scorerEntry>;
export type SingleScorer = z.infer<typeof single>;

/** Its two shapes, for who describes them. */
export const scorerShapes = { single, combined };
