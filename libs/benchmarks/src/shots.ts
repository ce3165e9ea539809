import { FILE_BENCHMARKS } from './catalogue.ts';
import type { PromptStyle } from './problems/prompts.ts';

/** How many worked examples a prompt of this benchmark and style shows. */
export function shots(benchmark: string, style: PromptStyle): number {
  if (style.startsWith('zero-shot')) return 0;
  return FILE_BENCHMARKS.find(({ name }) => name === benchmark)?.template?.examples.length ?? 0;
}
