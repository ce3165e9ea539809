import { ARC_TEMPLATE } from './suites/arc.ts';
import { GSM8K_TEMPLATE } from './suites/gsm8k.ts';
import { MATH_TEMPLATE } from './suites/math.ts';
import type { PromptStyle } from './problems/prompts.ts';

const TEMPLATES: Readonly<Record<string, { readonly examples: readonly unknown[] }>> = {
  gsm8k: GSM8K_TEMPLATE,
  math: MATH_TEMPLATE,
  arc: ARC_TEMPLATE,
};

/** How many worked examples a prompt of this benchmark and style shows. */
export function shots(benchmark: string, style: PromptStyle): number {
  return style.startsWith('zero-shot') ? 0 : (TEMPLATES[benchmark]?.examples.length ?? 0);
}
