import { LIMITS, type Violations } from '@hone/contracts';

/** Who asks or says something: a name that nobody checks. */
export function checkAnnotator(annotator: string, violations: Violations): void {
  violations.require(annotator.trim() !== '', 'annotator', 'must be the name of who judges');
  violations.atMost(annotator, LIMITS.nameChars, 'annotator');
}
