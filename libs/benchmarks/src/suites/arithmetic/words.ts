/** The words of the arithmetic problems. */

export const NAMES = ['Ben', 'Cleo', 'Dora', 'Finn', 'Gus', 'Iris', 'Kit', 'Lena'] as const;
export const THINGS = ['acorns', 'beads', 'cards', 'figs', 'keys', 'marbles', 'nuts', 'stones'] as const;
export const GAINS = ['buys', 'finds', 'gets', 'wins'] as const;
export const LOSSES = ['drops', 'loses', 'sells', 'uses'] as const;
const OTHER = ['has', 'more', 'doubles', 'triples', 'them', 'gives', 'half', 'away', 'many'] as const;

/** Every token in the order of its id: special tokens, punctuation, operators, digits, words. */
export const VOCABULARY: readonly string[] = [
  '<pad>',
  '<bos>',
  '<eos>',
  '<unk>',
  ...['\n', ' ', '.', '?', '#### ', ' + ', ' - ', ' * ', ' / ', ' = '],
  ...'0123456789',
  // A sentence begins with a name or "How"; the first one of a problem has no blank before it.
  ...NAMES,
  ...[...NAMES, ...THINGS, ...GAINS, ...LOSSES, ...OTHER, 'How'].map((word) => ` ${word}`),
];
