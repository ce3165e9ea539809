/** What `hone scorer check` and `hone rule check` have in common. */
import type { CheckResult } from '@hone/conformance';

function textOf({ subject, check, rule, passed, problem }: CheckResult): string {
  const name = subject === '' ? check : `${subject}: ${check}`;
  return passed ? `ok    ${name}` : `FAIL  ${name}: ${problem}\n      the rule: ${rule}`;
}

/** Writes what became of each check, and ends with exit code 1 where one failed. */
export async function showChecks(results: AsyncIterable<CheckResult>, json: boolean): Promise<void> {
  const counts = { passed: 0, failed: 0 };
  for await (const result of results) {
    counts[result.passed ? 'passed' : 'failed'] += 1;
    process.stdout.write(`${json ? JSON.stringify(result) : textOf(result)}\n`);
  }
  process.stderr.write(`${counts.passed} passed, ${counts.failed} failed\n`);
  process.exitCode = counts.failed === 0 ? 0 : 1;
}

/** Most time that a call of a check may take, where nothing else is said. */
export const CHECK_TIMEOUT_MS = 10_000;
