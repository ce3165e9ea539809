/** What batches are made of: pairs, or completions with a label. */
import type { Label, Pair, PreferenceGroup } from '../types.ts';

/** What counts in a batch by itself. */
export type Item = Pair | Label;

/** A problem with those of its pairs or labels that are in the batch. */
export interface GroupItems {
  readonly group: PreferenceGroup;
  readonly items: readonly Item[];
}

export const isLabel = (item: Item): item is Label => 'desirable' in item;

/** What a group holds. */
export const itemsOf = ({ pairs, labels = [] }: PreferenceGroup): readonly Item[] => [...pairs, ...labels];

/** Completions of an item; the first is the one whose NLL may be in the loss. */
export const completionsOf = (item: Item): readonly number[] =>
  isLabel(item) ? [item.completion] : [item.chosen, item.rejected];

/** Tokens of its longest completion. */
export const itemLength = ({ completions }: PreferenceGroup, item: Item): number =>
  Math.max(...completionsOf(item).map((completion) => completions[completion]!.tokenIds.length));

/** Tokens of the completion whose NLL may be in the loss; 0 where it has none. */
export const learnedLength = ({ completions }: PreferenceGroup, item: Item): number =>
  isLabel(item) && !item.desirable ? 0 : completions[completionsOf(item)[0]!]!.tokenIds.length;

/** Pairs taken apart: the chosen is desirable, and the rejected is not. */
export const takenApart = (
  batch: readonly GroupItems[],
): { readonly group: PreferenceGroup; readonly items: Label[] }[] =>
  batch.map(({ group, items }) => ({
    group,
    items: items.flatMap((item) =>
      isLabel(item)
        ? [item]
        : [
            { completion: item.chosen, desirable: true },
            { completion: item.rejected, desirable: false },
          ],
    ),
  }));
