import type { Usable } from './sides.ts';

/** Tokens of completions. Of a solution they are not known: they are told from its text, by how the others' texts are cut. */
export function lengthsOf(usable: readonly Usable[]): (completion: Usable) => number {
  let [tokens, characters] = [0, 0];
  for (const { completion } of usable.filter((one) => one.completion.tokenIds.length > 0)) {
    tokens += completion.tokenIds.length;
    characters += completion.text.length;
  }
  const perCharacter = characters === 0 ? 1 : tokens / characters;
  return ({ completion: { tokenIds, text } }) => tokenIds.length || Math.round(text.length * perCharacter);
}
