/** How to go on with a run that failed: what a person types next. */
import type { Run, RunFailure } from '@hone/contracts';
import { hone } from '../errors/advice.ts';

/** Failures whose cause stands in the spec, which a resume does not change. */
const IN_THE_SPEC = ['NO_PAIRS', 'WARM_UP_TARGET_MISSED'];

const count = ({ metadata }: RunFailure, name: string): number => Number(metadata[name] ?? 0);

/** Settings of recipes that sample. */
interface SampledSettings {
  readonly samples_per_problem?: number;
  readonly sampling?: { readonly max_tokens?: number; readonly temperature?: number };
}

/** A change of the spec that may help where no pairs could be built. */
function changeOf(run: Run, failure: RunFailure): string {
  const { sampling, samples_per_problem } = (run.spec?.settings ?? {}) as SampledSettings;
  if (failure.reason !== 'NO_PAIRS') return 'KEY=VALUE';
  const [right, wrong, unscorable, truncated] = ['correct', 'wrong', 'unscorable', 'truncated'].map((name) =>
    count(failure, name),
  ) as [number, number, number, number];
  if (truncated > right + wrong + unscorable) return `sampling.max_tokens=${2 * (sampling?.max_tokens ?? 0)}`;
  if (wrong + unscorable > 0) return `samples_per_problem=${2 * (samples_per_problem ?? 0)}`;
  return `sampling.temperature=${Math.max(1, 1.5 * (sampling?.temperature ?? 1))}`;
}

/** What to do about the failure. */
export function adviceOf(run: Run): string {
  const { failure, name } = run;
  if (failure && IN_THE_SPEC.includes(failure.reason)) {
    // Samples are there to be looked at, and what came before them is good.
    const sampled = failure.reason === 'NO_PAIRS';
    const from = sampled && failure.iteration > 1 ? `--iteration ${failure.iteration - 1} ` : '';
    // Commands stand in lines of their own, to be copied.
    const fork = `a resume does not change the settings; start a changed run, for example:\n  ${hone(`runs fork ${name} ${from}--set ${changeOf(run, failure)}`)}`;
    return sampled ? `${fork}\nsee what was sampled:\n  ${hone(`runs samples ${name}`)}` : fork;
  }
  const more =
    failure?.reason === 'BUDGET_EXCEEDED' ? ' with more of it, such as --max-tokens N or --max-seconds N' : '';
  return `mend the cause, then go on with: ${hone(`runs resume ${name}`)}${more}`;
}
