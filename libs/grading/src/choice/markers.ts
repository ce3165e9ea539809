/** Words behind which a completion names its choice. */

export interface Marker {
  readonly rule: string;
  readonly pattern: RegExp;
  /** The choice may stand on the next line. */
  readonly overLines?: true;
  /** Only what stands in the braces counts. */
  readonly isBox?: true;
}

const HEDGE = String.raw`(?:\s{1,3}(?:therefore|thus|then|clearly|definitely|most\slikely|likely|probably|indeed|simply|actually|obviously|certainly|surely|still|in\sfact|best\sdescribed\sas))*`;
const VERB = String.raw`(?:is|was|are|=|equals|remains|becomes|(?:appears|seems|has|ought|needs|is\slikely|turns\sout|is\ssupposed)\s{1,3}to\s{1,3}be|(?:must|should|would|could|can|might|may|will|can\sonly|has\sgot\sto)${HEDGE}\s{1,3}be|(?:would|must|should)\s{1,3}have\s{1,3}to\s{1,3}be|looks\s{1,3}like)`;
const COLON = String.raw`[*_"'\s]{0,5}[:：=→][*_]{0,3}`;

/** Markers of a stated final choice, the strictest first. */
export const FINAL_MARKERS: readonly Marker[] = [
  {
    rule: 'choice.final_answer',
    pattern: new RegExp(
      String.raw`final\s{1,3}(?:answer|choice)(?:\s{1,3}${VERB})?[*_]{0,3}\s{0,3}[:：]?|####|<answer>`,
      'gi',
    ),
    overLines: true,
  },
  { rule: 'choice.boxed', pattern: /\\(?:boxed|fbox)\s?\{/g, isBox: true },
];

/** The same words in other languages: "Antwort: C". */
const FOREIGN =
  'antwort|lösung|réponse|respuesta|resposta|risposta|antwoord|svar|odpowiedź|cevap|ответ|відповідь|答案|答え|正解|回答|정답|답|الإجابة|उत्तर';

export const STATED_MARKERS: readonly Marker[] = [
  {
    rule: 'choice.answer',
    pattern: new RegExp(
      String.raw`(?<![\w])(?:answers?|ans|option|choice|solution|response|selection|selected|chosen|conclusion|verdict|(?:correct|right|best|only)\s(?:one|letter|label|response|match|pick)|correct(?=\s?:))(?:\s{1,3}here|,\s\w{2,12},|\s{1,3}to\sth(?:e|is)\s(?:question|problem))?[*_"]{0,3}(?:\s{1,3}${VERB}${HEDGE}(?![\w'])(?:${COLON})?|${COLON}|\s[-–—]\s|(?<=\bans)\.?\s(?=[([]?[A-Z\d]\b)|(?=\s{1,3}\([A-Z\d]\)))`,
      'gi',
    ),
    overLines: true,
  },
  {
    rule: 'choice.answer',
    pattern: new RegExp(
      // Chinese and Japanese write words without blanks between them.
      String.raw`(?:(?<!\p{L})|(?<=\p{Script=Han}))(?:${FOREIGN})(?:\s{1,3}(?:corre[ct]+a|correcte?|juste|korrekt|finale?))?` +
        String.raw`(?:${COLON}|\s{1,3}(?:ist|est|es|é|è|is|är|то)\s|是|为|為|は|은|는)|(?:故|因此|所以|我)?(?<![不没沒非别別]|不[应應能会會可][该該]?|排除)(?:应该|应|應)?(?:选择?|選)(?=\s?[*_]{0,3}[(（]?[A-Z])`,
      'giu',
    ),
    overLines: true,
  },
];

/** Markers that may also stand in the middle of a thought: they count only where the completion ended behind it. */
export const CONCLUSION_MARKERS: readonly Marker[] = [
  {
    rule: 'choice.conclusion',
    pattern:
      /\b(?:so|therefore|thus|hence|consequently|in\s{1,3}conclusion|ultimately|overall)\b,?(?:\s{1,3}(?:it(?:\s{1,3}(?:is|must\s{1,3}be|has\s{1,3}to\s{1,3}be|should\s{1,3}be)|['’]s)|we\s{1,3}(?:get|have|choose)|i\s{1,3}(?:choose|pick)))?|\b(?:choose|pick|select|go(?:ing)?\s{1,3}(?:with|for)|opt\s{1,3}for|settle\s{1,3}(?:on|for)|vote\s{1,3}for|lean(?:ing)?\s{1,3}towards?|guess(?:\s{1,3}(?:is|would\s{1,3}be))?|say)\b:?|\b(?:it|this|that)(?:\s{1,3}(?:must|has\s{1,3}to|should|would|can\s{1,3}only|could|might|will)\s{1,3}be|['’]s|\s{1,3}is)\b|\b(?:matches|corresponds\s{1,3}to|points\s{1,3}to|(?:leaves|leaving)(?:\s{1,3}(?:us|me))?(?:\s{1,3}(?:only|just))?(?:\s{1,3}with)?)\b/gi,
  },
  { rule: 'choice.option', pattern: /\b(?:option|choice)\b/gi },
];

/** "(B) is correct", "option B is the best answer", "C: correct". */
export const SUBJECT =
  /(?<![^\s([*_"'>$#])[([]?([A-Z]|\d)[)\]]?[*_"]{0,3}(?:\s{1,3}(?:is|must\s{1,3}be|has\s{1,3}to\s{1,3}be|should\s{1,3}be|seems|looks|would\s{1,3}be)\s{1,3}(?:(?:clearly|therefore|thus|definitely|indeed|most\s{1,3}likely|the\s{1,3}only)\s{1,3})?(?:the\s{1,3}|my\s{1,3})?(?:most\s{1,3})?(?:correct|right|best|answer|accurate|appropriate|true)\b|\s?[:–—-]\s?(?:correct|right|true|yes)\b|(?<=[)\]])\s(?:correct|right|true|yes)\b|\s?[:–—-]?\s?[✓✔✅])/gi;

/** "If the answer is B": a marker that supposes. */
export const SUPPOSED =
  /\b(?:if|suppose|supposing|assume|assuming|whether|unless|were|why|not|n['’]t)\b[^.!?\n,]{0,24}$/i;

/** "The wrong answer is B" */
export const WRONG = /\b(?:wrong|incorrect|worst|false|bad)\s{1,3}$/i;

/** What takes a choice back: "no, it is not C", "C is wrong". */
export function takesBack(name: string): RegExp {
  const label = name.replace(/[^\w\s]/g, '\\$&');
  return new RegExp(
    String.raw`\b(?:it|that|this|answer)\b[^.!?\n]{0,20}(?:\bnot|n['’]t)\s(?:be\s)?(?:option\s)?[([]?${label}[)\]]?(?![\w'’])|(?<![\w'])[([]?${label}[)\]]?\s(?:is|was)\s(?:wrong|incorrect|not\s(?:it|right|correct|the\s(?:right|correct|answer)))\b`,
  );
}

/** "Wait, actually it is B", "Correction: the answer should be C": a choice in place of the one before. */
export const CORRECTION =
  /\b(?:wait|actually|correction|sorry|oops|hmm|scratch\sthat|on\ssecond\sthought|(?<=[.!?,]\s)no)\b[^.!?\n]{0,40}?\b(?:it|that|this|answer|option|choice)(?:['’]s|\s(?:is|was|should\sbe|must\sbe|has\sto\sbe|would\sbe))\s(?:actually\s|really\s|in\sfact\s)?(?:option\s)?[*_]{0,3}([([]?[A-Z]|\d)(?![\w'’])(?=[)\].,;!*_\s]*(?:$|\n|[.!]|\s(?:because|since|as|and|which)\b)|[)\]])/gi;
