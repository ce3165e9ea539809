/** loss.yaml: a preference loss, checked. */
import { readFileSync } from 'node:fs';
import { NllReduction, PreferenceTerm, type LossSpec, type PartialMessage } from '@hone/contracts';
import { invalidArguments, notFound } from '@hone/errors';
import yaml from 'yaml';
import { z } from 'zod';

const PREFERENCES = {
  sigmoid: PreferenceTerm.SIGMOID,
  ipo: PreferenceTerm.IPO,
  ipo_sum: PreferenceTerm.IPO_SUM,
  hinge: PreferenceTerm.HINGE,
  robust: PreferenceTerm.ROBUST,
  sigmoid_norm: PreferenceTerm.SIGMOID_NORM,
  none: PreferenceTerm.NONE,
} as const;
const REDUCTIONS = {
  SEQUENCE_MEAN: NllReduction.SEQUENCE_MEAN,
  TOKEN_MEAN: NllReduction.TOKEN_MEAN,
  SEQUENCE_SUM: NllReduction.SEQUENCE_SUM,
} as const;

const namesOf = <Name extends string>(table: Readonly<Record<Name, unknown>>): [Name, ...Name[]] =>
  Object.keys(table) as [Name, ...Name[]];

const lossFile = z.strictObject({
  preference: z.enum(namesOf(PREFERENCES)).default('sigmoid'),
  beta: z.number().default(0.1),
  label_smoothing: z.number().default(0),
  nll_alpha: z.number().default(1),
  nll_reduction: z.enum(namesOf(REDUCTIONS)).default('SEQUENCE_MEAN'),
});

/** The loss that a file states; what it leaves out is the paper's (arXiv 2404.19733). Ranges are the trainer's to check. */
export function readLoss(file: string): PartialMessage<LossSpec> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    throw notFound(`loss file ${file}`, `check the path (${(thrown as Error).message})`);
  }
  const parsed = lossFile.safeParse(yaml.parse(text) ?? {});
  if (!parsed.success) {
    throw invalidArguments(
      parsed.error.issues.map(({ path, message }) => ({ field: [file, ...path].join(' '), description: message })),
    );
  }
  const { preference, beta, label_smoothing, nll_alpha, nll_reduction } = parsed.data;
  return {
    version: 1,
    preference: PREFERENCES[preference],
    beta,
    labelSmoothing: label_smoothing,
    nllAlpha: nll_alpha,
    nllReduction: REDUCTIONS[nll_reduction],
  };
}
