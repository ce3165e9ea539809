/** What a comparison's file says. */
import { invalidArguments, type FieldViolation } from '@hone/errors';
import { violationsOf } from '@hone/settings';
import { z } from 'zod';
import { finding, methodsOf } from './findings/index.ts';

const keysOfRun = z.record(z.string(), z.unknown());
const methodName = z.string().regex(/^[a-zA-Z0-9][\w.+-]{0,39}$/, 'must be letters, digits and . _ + -, 40 at most');

export const comparisonKeys = z.strictObject({
  name: z.string().max(150).default('comparison').describe('Free text, for people; part of the names of its runs.'),
  base: keysOfRun.describe('Keys of a run file that all methods share: model, benchmark, problems, settings.'),
  methods: z
    .record(methodName, keysOfRun)
    .refine((methods) => Object.keys(methods).length > 0, 'must have at least one method')
    .describe("Methods by name: their recipe, and keys that differ from the base's; null leaves one of the base out."),
  seeds: z
    .array(z.number().int().min(0).max(Number.MAX_SAFE_INTEGER))
    .min(1)
    .max(100)
    .refine((seeds) => new Set(seeds).size === seeds.length, 'must not have a seed twice')
    .describe('Each method is run with each of them.'),
  significance: z.number().gt(0).lt(1).default(0.05).describe('A p-value below this is significant.'),
  pairs: z
    .strictObject({
      of: z
        .string()
        .optional()
        .describe('The method whose pairs of iteration 1 they are; absent means the first that has some.'),
      count: z
        .number()
        .int()
        .min(0)
        .max(10_000)
        .default(200)
        .describe('How many, one a problem, of each seed; 0 means none.'),
    })
    .prefault({})
    .describe('Pairs, made of what M_0 samples, on which the log-probs of every checkpoint are measured.'),
  findings: z.array(finding).max(100).default([]).describe('Claims to check.'),
});
export type Comparison = z.output<typeof comparisonKeys>;

/** Names of methods that are none. */
function unknownMethods({ methods, pairs, findings }: Comparison): FieldViolation[] {
  const named = findings.flatMap((given, index) =>
    Object.entries(methodsOf(given)).map(([key, name]) => [`findings[${index}].${key}`, name] as const),
  );
  const all = [...named, ...(pairs.of === undefined ? [] : [['pairs.of', pairs.of] as const])];
  const known = Object.keys(methods);
  return all
    .filter(([, name]) => !known.includes(name))
    .map(([field, name]) => ({
      field,
      description: `must be one of the methods (${known.join(', ')}), but is ${name}`,
    }));
}

/** Keys that the comparison itself sets, of which a method or the base must say nothing. */
function ownKeys({ base, methods }: Comparison): FieldViolation[] {
  const documents = [
    ['base', base],
    ...Object.entries(methods).map(([name, keys]) => [`methods.${name}`, keys]),
  ] as const;
  return documents.flatMap(([where, keys]) =>
    ['seed', 'name']
      .filter((key) => Object.hasOwn(keys as object, key))
      .map((key) => ({ field: `${String(where)}.${key}`, description: 'must not be set: the comparison sets it' })),
  );
}

/** Reads a comparison; every broken rule is named by its key. `file` is what the whole document is called. */
export function readComparison(document: unknown, file: string): Comparison {
  const broken = violationsOf(comparisonKeys, document);
  if (broken.length > 0)
    throw invalidArguments(broken.map(({ field, description }) => ({ field: field || file, description })));
  const comparison = comparisonKeys.parse(document);
  const violations = [...ownKeys(comparison), ...unknownMethods(comparison)];
  if (violations.length > 0) throw invalidArguments(violations);
  return comparison;
}
