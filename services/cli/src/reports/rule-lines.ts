/** Dataset rules as people and programs read them. */
import { settingsOf } from '@hone/conformance';
import { RuleOutput, type Rule } from '@hone/contracts';
import { settingRows, versionedName } from '@hone/settings';
import { table } from '@hone/terminal';

const OUTPUTS: Readonly<Record<RuleOutput, string>> = {
  [RuleOutput.UNSPECIFIED]: 'unknown',
  [RuleOutput.PAIRS]: 'pairs',
  [RuleOutput.EXAMPLES]: 'examples',
  [RuleOutput.ADVANTAGES]: 'advantages',
};

/** A rule as one JSON object; `settings` is their JSON schema. */
export function ruleDocument(rule: Rule): object {
  const { name, version, summary, source, produces, needs } = rule;
  const settings = rule.settingsSchemaJson === '' ? {} : (JSON.parse(rule.settingsSchemaJson) as object);
  return { name, version, summary, source, produces: OUTPUTS[produces], needs, settings };
}

/** All rules, a line each. */
export const ruleTable = (rules: readonly Rule[]): string =>
  table(
    ['rule', 'makes', 'summary'],
    rules.map((rule) => [versionedName(rule), OUTPUTS[rule.produces], rule.summary]),
  );

const needed = ({ needs }: Rule): string =>
  [
    needs?.verdicts ? 'judged completions' : '',
    needs?.comparisons ? 'what people said of completions' : '',
    needs?.solutions ? 'solutions' : '',
  ]
    .filter(Boolean)
    .join(', ');

/** A rule with its settings. */
export function ruleText(rule: Rule): string {
  const { summary, source, produces } = rule;
  const facts = [
    ['makes', OUTPUTS[produces]],
    ['needs', needed(rule) || 'nothing but problems'],
    ['from', source],
  ].map(([label, value]) => `${label!.padEnd(6)}${value}`);
  const rows = settingRows({ properties: settingsOf(rule) ?? {} }).map((row) => [
    ...[row.key, row.initial ?? '', row.range, row.description],
  ]);
  const shown = rows.length === 0 ? 'It has no settings.' : table(['setting', 'default', 'values', 'meaning'], rows);
  return [`${versionedName(rule)}: ${summary}`, ...facts, '', shown].join('\n');
}
