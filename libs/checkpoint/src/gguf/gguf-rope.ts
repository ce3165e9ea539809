import { dataLoss, unimplemented } from '@hone/errors';
import type { GgufFile } from './gguf-file.ts';

/** Theta and scaling, as config.json has them. */
export interface GgufRope {
  readonly rope_theta: number;
  readonly rope_scaling: Record<string, unknown> | null;
}

/** Llama 3's parameters, which are the same in all of its models but for the factor. */
const LLAMA3 = { low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 };
/** Factors are stored in fp32. */
const TOLERANCE = 1e-4;

/** Rotary embedding by the metadata, or by the factors of each frequency that converters store for Llama 3. */
export function ropeOf(source: GgufFile, prefix: string, headDim: number): GgufRope {
  const { metadata, file, factors } = source;
  const theta = metadata.optionalNumber(`${prefix}.rope.freq_base`) ?? 10000;
  const key = `${prefix}.rope.scaling`;
  const type = metadata.optionalString(`${key}.type`) ?? 'none';
  const [factor = null, original = null] = ['factor', 'original_context_length'].map((name) =>
    metadata.optionalNumber(`${key}.${name}`),
  );
  const temper = metadata.optionalNumber(`${key}.attn_factor`);
  metadata.has(`${key}.finetuned`);
  const isPlain = type === 'none' || (type === 'longrope' && factors.short !== undefined);
  if (!isPlain && Object.keys(factors).length > 0)
    throw unimplemented(`${file}: ${key}.type "${type}" beside factors of rotary frequencies is not supported`);
  if (factors.short) return { rope_theta: theta, rope_scaling: longRopeOf(source, original, temper) };
  if (factors.all) return { rope_theta: theta, rope_scaling: llama3Of(source, factors.all, theta, headDim) };
  if (temper !== null && !isUsualTemper(temper, factor))
    throw unimplemented(`${file}: ${key}.attn_factor is ${temper}, but only YaRN's own is supported`);
  switch (type) {
    case 'none':
      return { rope_theta: theta, rope_scaling: null };
    case 'linear':
      return { rope_theta: theta, rope_scaling: { rope_type: 'linear', factor: factor ?? 1 } };
    case 'yarn': {
      const rope_scaling = { rope_type: 'yarn', factor, original_max_position_embeddings: original };
      return { rope_theta: theta, rope_scaling };
    }
    default:
      throw unimplemented(`${file}: ${key}.type is "${type}", but only none, linear and yarn are supported`);
  }
}

/** 1, or what YaRN infers of its factor. */
const isUsualTemper = (temper: number, factor: number | null): boolean =>
  [1, 0.1 * Math.log(factor ?? 1) + 1].some((usual) => Math.abs(temper - usual) < TOLERANCE);

function longRopeOf(
  { file, factors }: GgufFile,
  original: number | null,
  temper: number | null,
): Record<string, unknown> {
  if (!factors.long || original === null)
    throw dataLoss(file, 'has short factors of rotary frequencies, but no long ones or no original_context_length');
  return {
    type: 'longrope',
    short_factor: [...factors.short!],
    long_factor: [...factors.long],
    original_max_position_embeddings: original,
    ...(temper !== null && { attention_factor: temper }),
  };
}

/** Finds the factor that gives these factors of frequencies; null where they are all 1. */
function llama3Of({ file }: GgufFile, factors: Float32Array, theta: number, headDim: number): GgufRope['rope_scaling'] {
  const factor = Math.round(Math.max(...factors) * 1e4) / 1e4;
  if (factor === 1 && Math.min(...factors) === 1) return null;
  const expected = Array.from({ length: headDim / 2 }, (_, i) => llama3Factor(theta ** ((-2 * i) / headDim), factor));
  const isSame = expected.length === factors.length;
  if (!isSame || expected.some((value, i) => Math.abs(value - factors[i]!) > TOLERANCE * value)) {
    const advice = "put the model's config.json beside the file";
    throw unimplemented(
      `${file}: rope_freqs.weight holds other factors than Llama 3's rotary scaling gives: ${advice}`,
    );
  }
  return { rope_type: 'llama3', factor, ...LLAMA3 };
}

function llama3Factor(frequency: number, factor: number): number {
  const turns = (LLAMA3.original_max_position_embeddings * frequency) / (2 * Math.PI);
  const { low_freq_factor: low, high_freq_factor: high } = LLAMA3;
  const smooth = Math.min(1, Math.max(0, (turns - low) / (high - low)));
  return 1 / ((1 - smooth) / factor + smooth);
}
