/** Kinds of scorers, and the settings each takes. */
import { invalidArguments } from '@hone/errors';
import type { Scorer } from './verdict.ts';

/** Settings of a scorer, by name. */
export type ScorerConfig = Readonly<Record<string, string>>;

/** A kind of scorer: with settings it becomes a scorer. */
export interface ScorerType {
  readonly name: string;
  /** Changes whenever a verdict may change. */
  readonly version: string;
  readonly description: string;
  /** The settings it takes, and what each means. */
  readonly settings: ScorerConfig;
  /** Throws an INVALID_ARGUMENT that names the setting. */
  create(config: ScorerConfig): Scorer;
}

/** Throws where a setting is none of those a scorer takes. */
export function checkConfig(config: ScorerConfig, settings: ScorerConfig): void {
  const known = Object.keys(settings).join(', ') || 'none';
  const unknown = Object.keys(config).filter((name) => !(name in settings));
  if (unknown.length === 0) return;
  throw invalidArguments(
    unknown.map((name) => ({ field: `config.${name}`, description: `is no setting; there are: ${known}` })),
  );
}
