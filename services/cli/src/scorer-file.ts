/** Who judges, as run files say it: a name, a server, or several that combine by a rule. */
import { CombinationRule, type PartialMessage, type ScorerRef } from '@hone/contracts';
import { z } from 'zod';

const tls = z.strictObject({
  root_certificate_file: z.string().optional(),
  client_certificate_file: z.string().optional(),
  client_key_file: z.string().optional(),
  server_name: z.string().optional(),
});

const single = z.strictObject({
  name: z.string(),
  address: z.string().default(''),
  config: z.record(z.string(), z.string()).default({}),
  tls: z.union([z.literal(true), tls]).optional(),
  timeout_ms: z.number().int().min(0).default(0),
  weight: z.number().gt(0).optional(),
});

export const RULES = {
  all: CombinationRule.ALL,
  any: CombinationRule.ANY,
  weighted_mean: CombinationRule.WEIGHTED_MEAN,
  first_scored: CombinationRule.FIRST_SCORED,
} as const;

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
  rule: z.enum(Object.keys(RULES) as (keyof typeof RULES)[]),
  threshold: z.number().gt(0).max(1).optional(),
  scorers: z.array(byShape(() => single)).min(2),
});

/** A scorer's name, its mapping, or a rule with scorers. */
export const scorerEntry = byShape((given) => ('rule' in given ? combined : single) as typeof combined | typeof single);
export type ScorerEntry = z.infer<typeof scorerEntry>;

/** The reference that an entry stands for; the files it names lie where `beside` says. */
export function scorerRef(entry: ScorerEntry, beside: (file: string) => string): PartialMessage<ScorerRef> {
  if (!('rule' in entry)) return singleRef(entry, beside);
  const { rule, threshold = 0, scorers } = entry;
  return {
    combination: { rule: RULES[rule], threshold, scorers: scorers.map((scorer) => singleRef(scorer, beside)) },
  };
}

function singleRef(entry: z.infer<typeof single>, beside: (file: string) => string): PartialMessage<ScorerRef> {
  const { name, address, config, timeout_ms: timeoutMs, weight = 0 } = entry;
  const files = entry.tls === true ? {} : entry.tls;
  const at = (file: string | undefined): string => (file === undefined ? '' : beside(file));
  return {
    ...{ name, address, config, timeoutMs, weight },
    ...(files && {
      tls: {
        rootCertificateFile: at(files.root_certificate_file),
        clientCertificateFile: at(files.client_certificate_file),
        clientKeyFile: at(files.client_key_file),
        serverName: files.server_name ?? '',
      },
    }),
  };
}
