/** A preference loss as files state it; what they leave out is the paper's (arXiv 2404.19733). Ranges are the trainer's to check. */
import { NllReduction, PreferenceTerm, type LossSpec, type PartialMessage } from '@hone/contracts';
import { z } from 'zod';

export const PREFERENCES = {
  /** The same as sigmoid, which is what the libraries call it. */
  dpo: PreferenceTerm.SIGMOID,
  sigmoid: PreferenceTerm.SIGMOID,
  ipo: PreferenceTerm.IPO,
  ipo_sum: PreferenceTerm.IPO_SUM,
  hinge: PreferenceTerm.HINGE,
  robust: PreferenceTerm.ROBUST,
  sigmoid_norm: PreferenceTerm.SIGMOID_NORM,
  none: PreferenceTerm.NONE,
} as const;
export const REDUCTIONS = {
  SEQUENCE_MEAN: NllReduction.SEQUENCE_MEAN,
  TOKEN_MEAN: NllReduction.TOKEN_MEAN,
  SEQUENCE_SUM: NllReduction.SEQUENCE_SUM,
} as const;

const namesOf = <Name extends string>(table: Readonly<Record<Name, unknown>>): [Name, ...Name[]] =>
  Object.keys(table) as [Name, ...Name[]];

/** The keys of a loss. */
export const lossFields = {
  preference: z.enum(namesOf(PREFERENCES)).default('sigmoid'),
  beta: z.number().default(0.1),
  label_smoothing: z.number().default(0),
  nll_alpha: z.number().default(1),
  nll_reduction: z.enum(namesOf(REDUCTIONS)).default('SEQUENCE_MEAN'),
};

/** A loss with these keys. */
export const loss = z.strictObject(lossFields);

/** The loss that these keys state. */
export function lossSpec(fields: z.infer<z.ZodObject<typeof lossFields>>): PartialMessage<LossSpec> {
  return {
    version: 1,
    preference: PREFERENCES[fields.preference],
    beta: fields.beta,
    labelSmoothing: fields.label_smoothing,
    nllAlpha: fields.nll_alpha,
    nllReduction: REDUCTIONS[fields.nll_reduction],
  };
}
