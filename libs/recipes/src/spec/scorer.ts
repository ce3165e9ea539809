/** Who judges, as run files say it: a name, a server, or several that combine by a rule. */
import { z } from 'zod';

const tls = z.strictObject({
  root_certificate_file: z
    .string()
    .optional()
    .describe('Authorities that are trusted, PEM; absent means those of the system.'),
  client_certificate_file: z.string().optional().describe('What is shown to the server, PEM; with client_key_file.'),
  client_key_file: z.string().optional().describe('Its key, PEM.'),
  server_name: z.string().optional().describe('The name that its certificate must have, where it is not the host.'),
});

const single = z.strictObject({
  name: z.string().describe('Name of the scorer, such as gsm8k, math, choice or exact.'),
  address: z.string().default('').describe("host:port of its server; empty means the deployment's own scorer."),
  config: z.record(z.string(), z.string()).default({}).describe('Its settings, by name.'),
  tls: z
    .union([z.literal(true), tls])
    .optional()
    .describe('Speak TLS to the server: true, or with these files.'),
  timeout_ms: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('Longest wait for a call, in milliseconds; 0 means the default.'),
  weight: z.number().gt(0).optional().describe('Its weight in a weighted mean; absent means 1.'),
});

export const COMBINATION_RULES = ['all', 'any', 'weighted_mean', 'first_scored'] as const;

/** By the shape of what is given, so that an error names the key at fault; a text is a name. */
function byShape<Schema extends z.ZodType>(schemaOf: (given: object) => Schema) {
  return z.unknown().transform((given, context): z.output<Schema> => {
    const shaped = typeof given === 'string' ? { name: given } : given;
    const checked = schemaOf(Object(shaped) as object).safeParse(shaped, { reportInput: true });
    if (checked.success) return checked.data;
    context.issues.push(...(checked.error.issues as typeof context.issues));
    return z.NEVER;
  });
}

const combined = z.strictObject({
  rule: z.enum(COMBINATION_RULES).describe('How their verdicts become one.'),
  threshold: z.number().gt(0).max(1).optional().describe('Least weighted mean that is right; with weighted_mean only.'),
  scorers: z
    .array(byShape(() => single))
    .min(2)
    .describe('Two or more scorers, each a name or a mapping.'),
});

/** A scorer's name, its mapping, or a rule with scorers. */
export const scorerEntry = byShape((given) => ('rule' in given ? combined : single) as typeof combined | typeof single);
export type ScorerEntry = z.infer<typeof scorerEntry>;
export type SingleScorer = z.infer<typeof single>;

/** Its two shapes, for who describes them. */
export const scorerShapes = { single, combined };
