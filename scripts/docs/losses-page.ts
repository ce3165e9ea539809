/** docs/reference/losses.md: every loss, drawn from the registry. */
import { LOSSES, type Loss } from '@hone/losses';
import { versionedName, schemaOf, settingRows, type JsonSchema } from '@hone/settings';
import { cell, code, table } from './markdown.ts';

function needsOf({ needs, perPair, perCompletion, perToken }: Loss): string {
  if (perToken) return 'reference, old policy; each token';
  if (!perPair && !perCompletion) return 'the NLL';
  const sums = needs.scores === 'sum' ? 'summed' : 'per token';
  const more = `${needs.tokens ? '; lengths' : ''}${needs.kl ? '; KL' : ''}`;
  return `${needs.reference ? 'reference' : 'no reference'}; ${sums}${more}`;
}

/** What a value is for; where only the NLL is left, pairs or completions. */
function itemOf({ perPair, perCompletion, perToken }: Loss): string {
  if (perPair) return 'pair';
  if (perCompletion) return 'completion';
  return perToken ? 'token' : 'pair or completion';
}

const overview = (losses: readonly Loss[]): string =>
  table(
    ['loss', 'a value for each', 'formula', 'from', 'needs'],
    losses.map((loss) => {
      const { name, aliases = [], formula, source } = loss;
      const names = [name, ...aliases].map(code).join(', ');
      // Bars of a formula are no borders of a cell.
      return [names, itemOf(loss), code(formula.replaceAll('|', '\\|')), cell(source), needsOf(loss)];
    }),
  );

function section(loss: Loss): string[] {
  const rows = settingRows(schemaOf(loss.settings) as JsonSchema).map(({ key, initial = '', range, description }) => [
    ...[code(key), code(initial), cell(range), cell(description)],
  ]);
  const settings = table(['setting', 'default', 'values', 'meaning'], rows);
  return [`## ${versionedName(loss)}`, loss.summary, rows.length === 0 ? 'It has no settings.' : settings];
}

/** The page, as Markdown that is not formatted yet. */
export function lossesPage(): string {
  return [
    '# Losses',
    '_Made from the losses by `npm run docs`; do not edit._',
    'Each is the `preference` of a training; its settings stand beside it. To each `nll_alpha` times the NLL of the chosen is added ' +
      '(0 leaves it out). `r(y) = log p(y) - log p_reference(y)`, summed over the tokens of a completion, `m = r(chosen) - ' +
      'r(rejected)`, `|y|` is the number of tokens. A loss without a reference reads no reference model. A loss for each completion takes ' +
      'examples with labels, and pairs as a desirable and an undesirable completion each; its ' +
      'mean is over completions, and `z0` is the KL divergence of the policy from the reference, estimated for the whole batch. ' +
      'A loss for each token takes examples with an advantage `A`; `p`, `p_old` and `p_reference` are the probabilities of the token under the policy, ' +
      'under the policy that training starts from, and under the reference, and the NLL is of completions whose advantage is above 0. ' +
      '[Which are left out](../losses.md); [how to add one](../guides/loss.md).',
    overview(LOSSES),
    ...LOSSES.flatMap(section),
  ].join('\n\n');
}
