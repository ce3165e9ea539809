/** Signs of Unicode that people and models write in place of LaTeX. */

/** Signs by what they are in LaTeX. Those whose compatibility form (NFKC) says it already are not listed. */
const SIGNS: Readonly<Record<string, string>> = {
  '×': '\\times ',
  '✕': '\\times ',
  '⨯': '\\times ',
  '·': '\\cdot ',
  '⋅': '\\cdot ',
  '∙': '\\cdot ',
  '•': '\\cdot ',
  '∗': '*',
  '÷': '\\div ',
  '∕': '/',
  '⁄': '/',
  '∞': '\\infty ',
  '√': '\\sqrt ',
  '∛': '\\sqrt[3] ',
  '∜': '\\sqrt[4] ',
  '°': '^\\circ ',
  '˚': '^\\circ ',
  º: '^\\circ ',
  ℓ: '\\ell ',
  '∘': '\\circ ',
  '≤': '\\le ',
  '≦': '\\le ',
  '⩽': '\\le ',
  '≥': '\\ge ',
  '≧': '\\ge ',
  '⩾': '\\ge ',
  '≠': '\\ne ',
  '≈': '\\approx ',
  '≅': '\\cong ',
  '≡': '\\equiv ',
  '∼': '\\sim ',
  '∝': '\\propto ',
  '±': '\\pm ',
  '∓': '\\mp ',
  '∪': '\\cup ',
  '∩': '\\cap ',
  '∈': '\\in ',
  '∉': '\\notin ',
  '∖': '\\setminus ',
  '⊂': '\\subset ',
  '⊆': '\\subseteq ',
  '⊃': '\\supset ',
  '⊇': '\\supseteq ',
  '∅': '\\emptyset ',
  '⌀': '\\emptyset ',
  '⌊': '\\lfloor ',
  '⌋': '\\rfloor ',
  '⌈': '\\lceil ',
  '⌉': '\\rceil ',
  '⟨': '\\langle ',
  '⟩': '\\rangle ',
  '〈': '\\langle ',
  '〉': '\\rangle ',
  '∠': '\\angle ',
  '△': '\\triangle ',
  '⊥': '\\perp ',
  '∥': '\\parallel ',
  '∣': '|',
  '‖': '|',
  '∧': '\\land ',
  '∨': '\\lor ',
  '¬': '\\neg ',
  '⊕': '\\oplus ',
  '⊗': '\\otimes ',
  '→': '\\to ',
  '⇒': '\\implies ',
  '⇔': '\\iff ',
  '∑': '\\sum ',
  '∏': '\\prod ',
  '∫': '\\int ',
  '∂': '\\partial ',
  '∇': '\\nabla ',
  '…': '\\ldots ',
  '⋯': '\\ldots ',
  '¢': '\\text{ cents}',
  '’': "'",
  '‘': "'",
  '′': "'",
  '″': "''",
  ℝ: '\\mathbb{R}',
  ℤ: '\\mathbb{Z}',
  ℚ: '\\mathbb{Q}',
  ℂ: '\\mathbb{C}',
  ℕ: '\\mathbb{N}',
  '、': ',',
  '，': ',',
  '。': '.',
};

const GREEK: Readonly<Record<string, string>> = {
  ...{ α: 'alpha', β: 'beta', γ: 'gamma', δ: 'delta', ε: 'epsilon', ϵ: 'epsilon', ζ: 'zeta', η: 'eta', θ: 'theta' },
  ...{ ϑ: 'theta', ι: 'iota', κ: 'kappa', λ: 'lambda', μ: 'mu', ν: 'nu', ξ: 'xi', π: 'pi', ρ: 'rho', σ: 'sigma' },
  ...{ ς: 'sigma', τ: 'tau', υ: 'upsilon', φ: 'phi', ϕ: 'phi', χ: 'chi', ψ: 'psi', ω: 'omega' },
  ...{ Γ: 'Gamma', Δ: 'Delta', Θ: 'Theta', Λ: 'Lambda', Ξ: 'Xi', Π: 'Pi', Σ: 'Sigma', Φ: 'Phi', Ψ: 'Psi', Ω: 'Omega' },
};

/** Names of Greek letters: the variables that commands name. */
export const GREEK_NAMES: ReadonlySet<string> = new Set(Object.values(GREEK));

/** Hyphens, dashes and minus signs of any length; the soft hyphen and zero-width signs are nothing. */
const DASHES = /[\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d]/g;
const INVISIBLE = /\u200d|[\u00ad\u200b\u200c\u200e\u200f\u2060-\u2064\ufeff\u202a-\u202e]|\ufe0e|\ufe0f/g;
const SPACES = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g;
const RAISED = /[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀ]+/gu;
const LOWERED = /[₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ]+/gu;
const VULGAR = /[¼½¾⅐-⅞]/gu;
/** Full-width forms, mathematical alphabets, letters in circles and other styles of a plain sign. */
const STYLED = /[\uff01-\uff5e\uffe0-\uffe6\u{1d400}-\u{1d7ff}ℊℎℐℑℒ℘ℛℜℬℰℱℳℴℯ①-⑳Ⓐ-ⓩ]/gu;
const DIGITS = /(?![0-9])\p{Nd}/gu;
const LISTED = new RegExp(`[${Object.keys({ ...SIGNS, ...GREEK }).join('')}]`, 'gu');

/** A text with LaTeX or plain signs in place of others of the same meaning. */
export function plainSigns(text: string): string {
  // All signs but these are letters, digits and LaTeX.
  if (!/[\u0080-\u{10ffff}]/u.test(text)) return text;
  return text
    .replace(INVISIBLE, '')
    .replace(SPACES, ' ')
    .replace(DASHES, '-')
    .replace(VULGAR, vulgarFraction)
    .replace(RAISED, (run) => `^{${withAsciiMinus(run)}}`)
    .replace(LOWERED, (run) => `_{${withAsciiMinus(run)}}`)
    .replace(STYLED, (sign) => sign.normalize('NFKC'))
    .replace(DIGITS, decimalDigit)
    .replace(/(?<=\d\s?)∘/g, '°')
    .replace(LISTED, (sign) => SIGNS[sign] ?? `\\${GREEK[sign]} `);
}

const withAsciiMinus = (run: string): string => run.normalize('NFKC').replace(/\u2212/g, '-');

/** ⅔ is 2⁄3 in its compatibility form. */
function vulgarFraction(sign: string): string {
  const [top = '', bottom = ''] = sign.normalize('NFKC').split('⁄');
  return `\\frac{${top}}{${bottom}}`;
}

/** The decimal digits of a script stand in a run of ten, from zero on. */
function decimalDigit(sign: string): string {
  const code = sign.codePointAt(0)!;
  let zero = code;
  while (code - zero < 9 && /^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String(code - zero);
}
