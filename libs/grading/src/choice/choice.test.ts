import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { getScorer, type Choice, type Verdict } from '../index.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const reference = path.resolve(root, process.env['HONE_REFERENCE_DATA'] ?? '../shared');

const MATERIALS = options('copper wire', 'rubber band', 'glass rod', 'dry wood');
const scorer = getScorer('choice');

function options(...texts: string[]): Choice[] {
  return texts.map((text, index) => ({ label: 'ABCD'[index]!, text }));
}
const score = (completion: string, gold: string, choices: Choice[] = MATERIALS): Verdict =>
  scorer.score({ completion, gold, truncated: false, choices });

test.each([
  'C',
  '**C**',
  '***C***',
  '`C`',
  '<C>',
  '{C}',
  '|C|',
  '【C】',
  '「C」',
  'Answer：（C）',
  '(C.)',
  'Ｃ',
  'Ⓒ',
  'C ✓',
  '✅ C',
  '→ C',
  '=> C',
  'Answer => C',
  'Ans: C',
  'Ans. C',
  'A: (C)',
  'A: C',
  'C!',
  'The answer is glass rod (C).',
  'Answer: C (glass rod)',
  'The answer is (C) glass rod.',
  'I think the answer is probably C, but I am not sure.',
  'My answer: C',
  'C - glass rod',
  'C – glass rod',
  '(C): glass rod',
  'The answer is C) glass rod',
  'The answer is: C',
  'The right answer would be option C.',
  'C) glass rod is the correct answer.',
  'C is the correct answer',
  'Option C is correct.',
  'The answer to the question is C.',
  'So, C.',
  'Thus: C',
  'So the answer: C',
  'A and B are wrong, so C',
  'The answer is not A, B, or D. It is C.',
  "It isn't B. It's C.",
  'The answer is "C".',
  "The answer is 'C'.",
  'The answer is “C”.',
  '$C$',
  '$$\\boxed{C}$$',
  '\\boxed{C. glass rod}',
  '\\boxed{\\text{C}}',
  '\\boxed{\\textbf{(C)}}',
  '\\(\\boxed{\\mathrm{C}}\\)',
  '\\boxed{\\text{glass rod}}',
  '\\text{C}',
  '\\textbf{C}',
  'The best option is C because it does not conduct.',
  'Copper wire and rubber are out. Glass rod is the answer.',
  'Therefore, the glass rod is correct.',
  'I choose the glass rod.',
  'It must be the glass rod.',
  'It has to be C',
  'The answer should be C',
  'The answer can only be C.',
  'The answer might be C.',
  'The answer could be option C.',
  'The answer seems to be (C)',
  'The answer: **C) glass rod**',
  'Correct option: C',
  'Correct Answer: C. Glass rod',
  'Selected: C',
  'Response: C',
  'The correct letter is C',
  'Letter C',
  'option c',
  '(c)',
  'c',
  'c)',
  'c.',
  'Answer is c',
  '[C]',
  'C:',
  '### C',
  '### Answer: C',
  '## Answer\n\nC',
  '**Answer**\nC',
  'Final Answer: **C**',
  'The final answer is C',
  'final answer is: $\\boxed{C}$',
  'Final choice: C',
  'I would say C',
  'I am going with C',
  'My choice is C',
  'We choose option (C).',
  'The only insulator that is clear is the glass rod.',
  'Since rubber bends, we pick C, glass rod.',
  'C.\n\nGlass is an insulator.',
  'C. Glass is an insulator.',
  'C\nBecause glass is an insulator, unlike A.',
  'glass rod',
  'A glass rod',
  'Glass rod.',
  'The glass rod',
  '"glass rod"',
  '**glass rod**',
  'The answer is a glass rod.',
  'The answer is the glass rod because it is clear.',
  'Answer: glass rod',
  'So the correct answer is option C (glass rod).',
  'The answer is C, not B.',
  'The answer is C; B is wrong.',
  'Answer: C\nExplanation: B is wrong because rubber bends.',
  'Antwort: C',
  'Réponse : C',
  '答案：C',
  '答案是C',
  '答案是 C。',
  'Respuesta: C',
  'The answer is B. Wait, no. The answer is C.',
  'B? No. The answer is C.',
  'I was torn between A and C, but C is correct.',
  'A: wrong\nB: wrong\nC: correct\nD: wrong',
  'A) no\nB) no\nC) yes\nD) no',
  'Looking at the options:\nA) copper wire\nB) rubber band\nC) glass rod\nD) dry wood\n\nC',
  'The correct answer is letter C.',
  '3',
  '(3)',
  'Option 3',
  'The third option',
  'the answer is number 3',
  'Answer: (C)<|eot_id|>',
  'The answer is C.\n\nQuestion: Which is next?\nAnswer: B',
  '<answer>\nC\n</answer>',
  '<answer>(C) glass rod</answer>',
  '{"answer": "C"}',
  'answer = C',
  'The answer is option C: glass rod.',
  'Thus, the correct option is (C) glass rod',
  'Hence option C',
  'Therefore option (C) is the right one',
  'Therefore (C)',
  'Hence, C.',
  '(C)',
  '( C )',
  'C )',
  'The correct answer is C!',
  'It is C',
  'I believe it is C.',
  "I'd go for C",
  'Answer C',
  'answer c',
  'ANSWER C',
  'The answer is C , glass rod',
  'Best answer: C',
  'The most accurate choice is C',
  'So our answer is C',
  'We can conclude that the answer is C',
  'The answer, then, is C.',
  'The answer is, of course, C.',
  'The answer is therefore C',
  'The answer must therefore be C',
  'The correct one is C.',
  'C it is.',
  'Definitely C.',
  'Probably C',
  'Surely C.',
  'Clearly, C.',
  'Easy: C',
  'C, I think.',
  'C (glass rod)',
  'C, glass rod',
  'C → glass rod',
  'C = glass rod',
  'Option C) glass rod',
  'Choice C: glass rod',
])('%j states C', (completion) => {
  expect(score(completion, 'C')).toMatchObject({ state: 'SCORED', answer: 'C' });
});

test.each([
  '',
  'I',
  'A or B',
  'A, B and D',
  'ANSWER: A, B and D',
  'Both A and B',
  'either B or C',
  'The answer is A or C',
  'Neither',
  'It is not C.',
  'C is wrong.',
  'C is incorrect',
  'not C',
  'The answer is not C.',
  'The answer cannot be C',
  'C cannot be right',
  'C is no help',
  'The glass rod is no help.',
  'The glass rod is not correct.',
  "The glass rod isn't it.",
  'Glass rod is wrong',
  'I do not know.',
  'None of these.',
  'A, C',
  'A/C',
  'A & C',
  'AC',
  'ABC',
  '(A)(C)',
  'A and C are correct',
  'The answer is B: glass rod',
  'The answer is glass rod (B)',
  'The answer is C? No.',
  'Is it C?',
  'C?',
  'If the answer is C, then',
  'The answer is C. No, it is not C.',
  'The answer is a large one',
  'all of the above',
  'C or maybe D',
  'It could be C or D',
  'Options: A, B, C, D',
  'A) copper wire\nB) rubber band\nC) glass rod',
  'Which one?\n(A) copper wire\n(B) rubber band\n(C) glass rod\n(D) dry wood',
  'C and D are both possible.',
  'I would rule out C.',
  'Eliminate C',
  'We can eliminate C.',
  'Anything but C',
  'Not the glass rod',
  'Instead of glass rod',
  'Unlike a glass rod',
  'the glass rods are many',
  'C++',
  'C-level',
  'C3',
  'vitamin C',
  'The answer is vitamin C',
  '37°C',
  'It is 37 C',
  'Everything except C',
  'All except the glass rod',
  'the answer is anything but C',
  'C, or D',
  'C / D',
  'C vs D',
  'The answer is between C and D.',
  'A is good. C is good.',
  'an answer',
  'A glass of water',
  'The answer is a glass of water',
  'The answer is glass',
  'glass rod and dry wood',
  'glass rod, dry wood',
  'glass rod or dry wood',
  'neither glass rod nor dry wood',
])('%j states no choice', (completion) => {
  expect(score(completion, 'C').state).toBe('UNSCORABLE');
});

test.each<[string, string | undefined, Choice[]]>([
  ['The answer is 8.25', undefined, options('4', '6', '8', '10')],
  ['The answer is 8.', 'C', options('4', '6', '8', '10')],
  ['The answer is -1 m/s^2.', 'A', options('-1 m/s^2', '1 m/s^2', '6 m/s^2', '9 m/s^2')],
  ['The answer is Tt.', 'C', options('T', 'tt', 'Tt', 'TT')],
  ['The answer is TT', 'D', options('T', 'tt', 'Tt', 'TT')],
  ['The lamp gives off heat and light.', 'B', options('heat', 'heat and light', 'light', 'sound')],
  ['The answer is heat.', 'A', options('heat', 'heat and light', 'light', 'sound')],
  ['The answer is heat and sound.', undefined, options('heat', 'heat and light', 'light', 'sound')],
  ['The answer is rain gauge.', 'A', options('a rain gauge', 'a wind vane', 'the barometer', 'an hourglass')],
  [
    '\\boxed{\\text{A candle burns}}',
    'C',
    options('An ice cube floats', 'A magnet pulls', 'A candle burns', 'A mirror shines'),
  ],
  ['The answer is C', undefined, options('C', 'NO', 'O', 'CO')],
  ['The answer is (C)', 'C', options('C', 'NO', 'O', 'CO')],
  ['both A and B', 'C', options('wind', 'rain', 'both A and B', 'none')],
  ['The answer is none of these.', 'D', options('wind', 'rain', 'snow', 'none of these')],
])('%j is %s of its options', (completion, label, choices) => {
  const verdict = score(completion, 'A', choices);
  expect(verdict.state === 'SCORED' ? verdict.answer : undefined).toBe(label);
});

test('options with digits as labels are stated by them', () => {
  const choices = MATERIALS.map(({ text }, index) => ({ label: String(index + 1), text }));
  for (const completion of [
    '3',
    '(3)',
    'The answer is 3.',
    'Option 3',
    '3) glass rod',
    'C',
    'The answer is C.',
    '\\boxed{3}',
    'It conducts nothing.\n\n**3**',
  ])
    expect([completion, score(completion, '3', choices)]).toEqual([completion, expect.objectContaining({ score: 1 })]);
});

const labelled = (...texts: string[]): Choice[] => texts.map((text, at) => ({ label: 'ABCD'[at]!, text }));
const NUMBERS = labelled('4', '8', '12', '16');
const METALS = labelled('copper wire', 'rubber band', 'glass rod', 'dry wood');
const ANSWERS = labelled('Yes', 'No');

test.each<[completion: string, choices: Choice[], label: string | undefined]>([
  ['The answer is 4 + 8 = 12', NUMBERS, 'C'],
  ['4 * 4 = 16', NUMBERS, 'D'],
  ['The answer is 4 + 8', NUMBERS, undefined],
  ['The answer is 4 - 8', NUMBERS, undefined],
  ['The answer is 12 meters.', NUMBERS, 'C'],
  ['The answer is 4 dozen.', NUMBERS, undefined],
  ['C (12)', NUMBERS, 'C'],
  ['C (8)', NUMBERS, undefined],
  ['The answer is A. Wait, actually it is B.', METALS, undefined],
  ['The answer is B. Correction: the answer should be (C).', METALS, 'C'],
  ['The answer is A. Actually, it is a metal.', METALS, 'A'],
  ['The answer is A. No, wait, the answer is B.', METALS, 'B'],
  ['Wrong answer: B', METALS, undefined],
  ['The incorrect option is B.', METALS, undefined],
  ['The answer is B?', METALS, undefined],
  ['Eliminating B, C and D leaves us with A.', METALS, 'A'],
  ['B? No. C? No. A.', METALS, 'A'],
  ['Correct: A', METALS, 'A'],
  ['‘A’', METALS, 'A'],
  ['La respuesta correcta es B.', METALS, 'B'],
  ['A resposta correta é B.', METALS, 'B'],
  ['正确答案是 **B**', METALS, 'B'],
  ['故选B。', METALS, 'B'],
  ['不选B', METALS, undefined],
  ['正解はBです。', METALS, 'B'],
  ['정답은 B입니다.', METALS, 'B'],
  ['No, it does not.', ANSWERS, 'B'],
  ['No, wait, yes.', ANSWERS, undefined],
  ['Yes and no.', ANSWERS, undefined],
])('%j', (completion, choices, label) => {
  const verdict = score(completion, label ?? 'A', choices);
  expect(verdict).toMatchObject(label === undefined ? { state: 'UNSCORABLE' } : { score: 1 });
});

const withoutArticle = (text: string): string => text.replace(/^(?:an?|the)\s/i, '');
const THOUGHT = 'Metals conduct electricity, and only one option is a metal.\n\n';
const STYLES: Readonly<Record<string, (label: string, text: string) => string>> = {
  'label alone on the last line': (label) => THOUGHT + label,
  'bold label': (label) => `${THOUGHT}**${label}**`,
  'label and parenthesis': (label) => `${THOUGHT}${label})`,
  'small label in brackets': (label) => `${THOUGHT}(${label.toLowerCase()})`,
  'underlined label': (label) => `ANSWER: _${label}_`,
  'full-width colon': (label) => `ANSWER：${label}`,
  'boxed label': (label) => `So \\boxed{\\mathrm{${label}}}`,
  'boxed text': (_, text) => `\\boxed{\\text{${text}}}`,
  'text without article': (_, text) => `The answer is ${withoutArticle(text).replace(/\.$/, '')}.`,
  'text alone on the last line': (_, text) => THOUGHT + text,
  'hedged label': (label) => `The answer appears to be ${label}.`,
  'label and text': (label, text) => `${label}: ${text}`,
  'option and text': (label, text) => `It is Option ${label} - ${text}`,
  'called correct': (label) => `Therefore, ${label} is correct.`,
  'text called correct': (_, text) => `Therefore, ${text.replace(/\.$/, '')} is correct.`,
  'quoted text': (_, text) => `The best answer would be "${text}"`,
  'final answer': (label, text) => `**Final answer:** (${label}) ${text}`,
  'explained below': (label) => `${label}\n\nExplanation: this one fits.`,
};

const ARC = path.join(reference, 'data/arc/ARC-Challenge-Test.jsonl');
describe.skipIf(!existsSync(ARC))('completions made from ARC-Challenge (needs HONE_REFERENCE_DATA)', () => {
  const rows = existsSync(ARC)
    ? readFileSync(ARC, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { answerKey: string; question: { choices: Choice[] } })
    : [];

  test.each(Object.keys(STYLES))('%s: at least 99 %% are found, and no wrong option is right', (style) => {
    let found = 0;
    const falsePositives: string[] = [];
    for (const { answerKey, question } of rows)
      for (const { label, text } of question.choices) {
        const completion = STYLES[style]!(label, text);
        const verdict = score(completion, answerKey, question.choices);
        const isRight = verdict.state === 'SCORED' && verdict.score === 1;
        if (isRight && label === answerKey) found += 1;
        // Options may have the same words.
        const same = question.choices.some((choice) => choice.label === answerKey && choice.text === text);
        if (isRight && !same) falsePositives.push(completion);
      }
    expect(rows.length).toBe(1172);
    expect(falsePositives).toEqual([]);
    expect(found / rows.length).toBeGreaterThanOrEqual(0.99);
  });
});
