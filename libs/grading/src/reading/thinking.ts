/** Where a completion thinks: what a model writes between such tags is never its answer. */
import { codeSpans, within } from './code-spans.ts';
import { channelThoughts } from './channels.ts';
import type { Range } from './partial-text.ts';
import type { Thoughts } from './thoughts.ts';

interface Tag extends Range {
  readonly kind: 'open' | 'close' | 'empty';
  readonly family: string;
  readonly text: string;
  /** Within code, or spoken of: it opens or closes nothing, unless it stands in a thought. */
  readonly isMention: boolean;
}

const NAMES = [
  'think(?:ing)?|thoughts?|reason(?:ing)?|reflect(?:ion)?|scratch_?pad|(?:inner_)?monologue|inner_thoughts?',
  'chain_of_thought|cot|analysis|deliberation|internal|rumination|pondering|ponder',
].join('|');

/** `<think>`, `</seed:think>`, `[THINK]`, `◁/think▷`, `<|begin_of_thought|>`, `<|START_THINKING|>`. */
const TAG = new RegExp(
  [
    String.raw`<\s?(?<slash>\/?)\s?(?:[a-z]{1,20}[:_])?(?<name>${NAMES})(?:\s[^<>\n]{0,80})?\s?(?<empty>\/?)>`,
    String.raw`\[(?<bracketSlash>\/?)(?<bracketName>THINK(?:ING)?)\]`,
    String.raw`◁(?<kimiSlash>\/?)(?<kimiName>think)▷`,
    String.raw`<\|(?<word>begin_of|end_of|start|end)_(?<wordName>thought|thinking)\|>`,
    String.raw`<unused(?<gemma>9[45])>`,
  ].join('|'),
  'gi',
);

/** "thinking" and "thought" close each other; "reflection" does not close "thinking". */
function familyOf(name: string): string {
  const lower = name.toLowerCase();
  return lower.startsWith('th') ? 'think' : lower.replace(/(?:ion|ing)$/, '').replace('_', '');
}

function tagsIn(text: string): Tag[] {
  const inCode = within(codeSpans(text));
  return [...text.matchAll(TAG)].map((match) => {
    const groups = match.groups as Readonly<Record<string, string | undefined>>;
    const name = groups['name'] ?? groups['bracketName'] ?? groups['kimiName'] ?? groups['wordName'] ?? 'think';
    const closes =
      Boolean(groups['slash'] || groups['bracketSlash'] || groups['kimiSlash']) ||
      /^end/i.test(groups['word'] ?? '') ||
      groups['gemma'] === '95';
    const start = match.index;
    const end = start + match[0].length;
    const kind = groups['empty'] ? 'empty' : closes ? 'close' : 'open';
    const isMention = inCode(start) || isSpokenOf(text, start, end);
    return { start, end, kind, family: familyOf(name), text: match[0], isMention };
  });
}

/** `the "<think>" tag`, "ends with </think>, so": words go on around it as around any other word. */
function isSpokenOf(text: string, start: number, end: number): boolean {
  const [before, after] = [text.slice(Math.max(0, start - 3), start), text.slice(end, end + 12)];
  if (/["'“‘«(]$/.test(before) && /^["'”’»)]/.test(after)) return true;
  if (/^\s(?:tags?|elements?|tokens?|blocks?|markers?)\b/i.test(after)) return true;
  return (
    /[^\s.!?:] $/.test(before) && /^(?:[,;)]|\.\s|\s(?:is|in|as|at|and|or|has|means|closes|ends|opens)\b)/.test(after)
  );
}

/** Whether a tag that nothing closes opens a thought: not where it stands within a sentence, "the string <think> inside a file". */
const opensThought = (text: string, { start, end }: Range): boolean =>
  !/[^\s.!?:] $/.test(text.slice(Math.max(0, start - 2), start)) ||
  !/^(?: [a-z]|[^\w\s])/.test(text.slice(end, end + 2));

/** The thoughts of a completion. */
export function thoughtsIn(text: string): Thoughts {
  return channelThoughts(text) ?? taggedThoughts(text);
}

function taggedThoughts(text: string): Thoughts {
  const tags = tagsIn(text);
  const lastClose = new Map<string, number>();
  for (const [index, { kind, family }] of tags.entries()) if (kind === 'close') lastClose.set(family, index);
  const found = new Found(text);
  for (let index = 0; index < tags.length; index += 1) {
    const tag = tags[index]!;
    if (tag.isMention) continue;
    if (tag.kind === 'empty') found.add(tag);
    else if (tag.kind === 'close') found.addLoneClose(tag);
    else {
      const last = lastClose.get(tag.family) ?? -1;
      if (last > index) {
        index = closingOf(tags, index, last);
        found.add({ start: tag.start, end: tags[index]!.end });
      } else if (found.isNextAt(tag.start) || opensThought(text, tag))
        return { ranges: found.ranges, open: { start: tag.start, tag: tag.text } };
    }
  }
  return { ranges: found.ranges };
}

/** The tag that closes the thought that `opening` opens: the one of its depth, else the last of its kind. */
function closingOf(tags: readonly Tag[], opening: number, last: number): number {
  const { family } = tags[opening]!;
  let depth = 1;
  for (let index = opening + 1; index < last; index += 1) {
    const { kind, family: other, isMention } = tags[index]!;
    if (other !== family || isMention) continue;
    depth += kind === 'open' ? 1 : kind === 'close' ? -1 : 0;
    if (depth === 0) return index;
  }
  return last;
}

/** Thoughts as they are found. */
class Found {
  ranges: Range[] = [];

  constructor(private readonly text: string) {}

  add({ start, end }: Range): void {
    this.ranges.push({ start, end });
  }

  /** Whether nothing stands between a position and the thought before it, or the start. */
  isNextAt(position: number): boolean {
    const before = this.ranges.at(-1)?.end ?? 0;
    return this.text.slice(before, position).trim() === '';
  }

  /**
   * A tag that only closes: a chat template opened the thought in the prompt, so that all before it is thought. Where nothing
   * follows, and a whole thought and an answer stand before it, it is a slip.
   */
  addLoneClose(tag: Range): void {
    const isLast = this.text.slice(tag.end, tag.end + 10_000).trim() === '';
    const answered = this.ranges.length > 0 && this.text.slice(this.ranges.at(-1)!.end, tag.start).trim() !== '';
    if (isLast && answered) this.add(tag);
    else this.ranges = [{ start: 0, end: tag.end }];
  }
}
