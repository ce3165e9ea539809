/** Messages of gpt-oss (the "harmony" format): only those of the channel "final" are for the user. */
import type { Range } from './partial-text.ts';
import type { Thoughts } from './thoughts.ts';

const HEADER = /<\|channel\|>\s?([a-z]{1,20})[^<]{0,100}(?:<\|constrain\|>[^<]{0,40})?<\|message\|>/gi;
const MESSAGE_END = /<\|(?:end|return|call|start|channel)\|>/g;

/** The same text where the decoder left out special tokens. */
const BARE_ANALYSIS = /^\s*analysis(?=[A-Z"'(\d])/;
const BARE_FINAL = 'assistantfinal';

/** What is not the final message; undefined where the completion has no channels. */
export function channelThoughts(text: string): Thoughts | undefined {
  if (text.includes('<|channel|>')) return marked(text);
  if (!BARE_ANALYSIS.test(text)) return undefined;
  const final = text.lastIndexOf(BARE_FINAL);
  if (final < 0) return { ranges: [], open: { start: 0, tag: 'analysis' } };
  return { ranges: [{ start: 0, end: final + BARE_FINAL.length }] };
}

function marked(text: string): Thoughts | undefined {
  const headers = [...text.matchAll(HEADER)];
  const first = headers[0];
  if (!first) return { ranges: [], open: { start: text.indexOf('<|channel|>'), tag: '<|channel|>' } };
  const final = headers.find((header) => header[1]!.toLowerCase() === 'final');
  if (!final) return { ranges: [], open: { start: first.index, tag: `<|channel|>${first[1]}` } };
  const start = final.index + final[0].length;
  MESSAGE_END.lastIndex = start;
  const end = MESSAGE_END.exec(text)?.index ?? text.length;
  const ranges: Range[] = [
    { start: 0, end: start },
    { start: end, end: text.length },
  ];
  return { ranges: ranges.filter((range) => range.end > range.start) };
}
