import { describe, expect, it } from 'vitest';
import { compareAnswers } from '../same.ts';

/** By kind: answers that are the gold answer, and such that are not. */
const KINDS: Readonly<Record<string, { readonly gold: string; readonly right: string[]; readonly wrong: string[] }[]>> =
  {
    fractions: [
      {
        gold: '\\frac{7}{3}',
        right: ['7/3', '\\dfrac73', '\\frac{14}{6}', '\\frac{-7}{-3}', '2\\frac13', '2 1/3'],
        wrong: ['\\frac{3}{7}', '2.333', '-\\frac73'],
      },
      {
        gold: '-\\frac34',
        right: ['\\frac{-3}{4}', '\\frac{3}{-4}', '-.75', '-\\frac{3}{4}'],
        wrong: ['\\frac34', '-\\frac43', '-\\frac34x'],
      },
    ],
    'products of units': [
      {
        gold: '12\\text{ m/s}',
        right: [
          '12\\,\\mathrm{m\\,s^{-1}}',
          '12\\ \\text{m}\\cdot\\text{s}^{-1}',
          '12\\text{ m s}^{-1}',
          '12\\,\\mathrm{m}\\,\\mathrm{s}^{-1}',
        ],
        wrong: ['12\\,\\mathrm{m\\,s}', '12\\,\\mathrm{m\\,s^{-2}}', '12\\,\\mathrm{s\\,m^{-1}}'],
      },
      { gold: '12\\text{ V}', right: ['12\\text{ volts}', '12'], wrong: ['12\\text{ A}', '12\\text{ W}'] },
    ],
    'factorials and binomials': [
      { gold: '24', right: ['4!=24', '4! = 24'], wrong: ['4!=25', '4\\ne 24'] },
      { gold: 'n+1', right: ['\\frac{(n+1)!}{n!}', '\\binom{n+1}{n}'], wrong: ['\\frac{n!}{(n-1)!}', '(n+1)!'] },
      {
        gold: '\\frac{n(n-1)}{2}',
        right: ['\\binom{n}{2}', '\\frac{n!}{2!(n-2)!}', '\\binom{n}{n-2}'],
        wrong: ['\\binom{n}{3}', '\\frac{n^2}{2}'],
      },
    ],
    derivatives: [
      {
        gold: '\\frac{dy}{dx}',
        right: ['\\dfrac{dy}{dx}', '\\frac{d y}{d x}'],
        wrong: ['\\frac{y}{x}', '\\frac{dx}{dy}'],
      },
      {
        gold: '\\frac{\\partial f}{\\partial x}',
        right: ['\\dfrac{\\partial f}{\\partial x}'],
        wrong: ['\\frac{f}{x}', '\\frac{df}{dx}'],
      },
      { gold: '\\frac{d^2y}{dx^2}', right: ['\\frac{d^{2} y}{dx^{2}}'], wrong: ['\\frac{dy}{x^2}', '\\frac{dy}{dx}'] },
    ],
    'numbers too large to write down': [
      {
        gold: '4^{50000}',
        right: ['2^{100000}', '\\frac{2^{100001}}{2}'],
        wrong: ['2^{100001}', '-2^{100000}', '2^{100000}+1', '2^{100127}'],
      },
      { gold: '2^{-100000}', right: ['\\frac{1}{4^{50000}}'], wrong: ['2^{100000}', '-2^{-100000}'] },
      { gold: '1000!', right: ['1000\\cdot 999!'], wrong: ['999!', '1000\\cdot 998!'] },
      { gold: '2021', right: ['\\frac{2021!}{2020!}', '\\binom{2021}{2020}'], wrong: ['\\frac{2021!}{2019!}'] },
    ],
    'inequalities of different unknowns': [
      { gold: '0\\le x\\le 1', right: ['1\\ge x\\ge 0', '[0,1]'], wrong: ['0\\le y\\le 1'] },
      { gold: 'x>2', right: ['2<x'], wrong: ['y>2'] },
    ],
    'numbers of things': [
      {
        gold: '25',
        right: ['\\text{25 students}', '25\\text{ students}'],
        wrong: ['\\text{26 students}', '\\text{students}'],
      },
    ],
    'base sixteen': [
      { gold: 'AB_{16}', right: ['ab_{16}', '\\text{AB}_{16}'], wrong: ['AC_{16}', 'AB_{12}', 'ba_{16}'] },
      { gold: '3F_{16}', right: ['3f_{16}', '3F_{16}', '3f'], wrong: ['63', '3f_{15}', 'f3'] },
      { gold: 'FE_{16}', right: ['FE', 'fe'], wrong: ['EF', 'F', '254'] },
      { gold: 'a_{16}', right: ['a_{16}'], wrong: ['A', '10'] },
    ],
    'mixed numbers': [
      {
        gold: '2\\frac{1}{3}',
        right: ['\\frac73', '2 \\frac13'],
        wrong: ['\\frac23', '2\\frac{2}{3}', '\\frac{21}{3}'],
      },
    ],
    decimals: [
      { gold: '0.5', right: ['.5', '0.50', '\\frac12', '5 \\cdot 10^{-1}', '50\\%'], wrong: ['0.51', '5', '0.05'] },
      { gold: '1', right: ['0.\\overline{9}', '1.000000000000'], wrong: ['0.999999999999', '0.99'] },
      { gold: '\\frac16', right: ['0.1\\overline{6}', '0.166666666666667'], wrong: ['0.17', '0.1667', '0.16666667'] },
      { gold: '3.14', right: ['3.140', '\\frac{157}{50}'], wrong: ['\\pi', '3.14159', '3.1'] },
      { gold: '2.75', right: ['2,75'], wrong: ['2,7', '275'] },
    ],
    'rounded gold answers': [
      { gold: '\\approx 8.24', right: ['8.24', '8.237', '8.2402'], wrong: ['8.25', '8.2', '8.246'] },
    ],
    'thousands separators': [
      {
        gold: '1234567',
        right: ['1,234,567', '1{,}234{,}567', '1\\,234\\,567', '1,\\!234,\\!567', '1 234 567', '1,234,567.00'],
        wrong: ['1,234,568', '1,234', '123456'],
      },
    ],
    roots: [
      {
        gold: '2\\sqrt{3}',
        right: ['\\sqrt{12}', '2\\sqrt3', '\\frac{6}{\\sqrt3}', '\\sqrt[4]{144}', '12^{1/2}', '2\\sqrt{3.0}'],
        wrong: ['\\sqrt{13}', '2\\sqrt2', '3\\sqrt2', '3.4641'],
      },
      { gold: '\\sqrt2-1', right: ['\\sqrt{3-2\\sqrt2}', '\\frac{1}{1+\\sqrt2}'], wrong: ['1-\\sqrt2', '\\sqrt2+1'] },
    ],
    powers: [
      {
        gold: '2^{100}',
        right: ['4^{50}', '1267650600228229401496703205376'],
        wrong: ['2^{100}-1', '1267650600228229401496703205377', '2^{99}'],
      },
      { gold: '1200', right: ['1.2\\times 10^3', '1.2 \\cdot 10^{3}', '1.2e3'], wrong: ['1.2\\times 10^2', '12^3'] },
    ],
    constants: [
      {
        gold: '2\\pi',
        right: ['\\pi\\cdot2', '\\frac{4\\pi}{2}', '2π'],
        wrong: ['6.28', '2', '\\pi^2', '\\frac{44}{7}'],
      },
      { gold: 'e^2', right: ['e\\cdot e', 'e^{2}'], wrong: ['7.389', '2e', 'e'] },
      { gold: '-1', right: ['i^2', 'e^{i\\pi}', '\\cos\\pi'], wrong: ['i', '1'] },
      { gold: '\\infty', right: ['+\\infty', 'infinity'], wrong: ['-\\infty', '10^{10}'] },
    ],
    'complex numbers': [{ gold: '3+4i', right: ['4i+3', '(2+i)^2', '3 + 4 i'], wrong: ['3-4i', '4+3i', '5', '7i'] }],
    intervals: [
      {
        gold: '[2,5)',
        right: ['\\left[2,5\\right)', '2 \\le x < 5', '5 > x \\geq 2', 'x \\in [2, 5)', '[2,3]\\cup(3,5)'],
        wrong: ['(2,5)', '[2,5]', '(2,5]', '2 < x < 5', '2,5', '\\{2,5\\}'],
      },
      {
        gold: '(-\\infty,-1)\\cup(1,\\infty)',
        right: ['(1,\\infty)\\cup(-\\infty,-1)', 'x<-1 \\text{ or } x>1', 'x < -1, x > 1'],
        wrong: ['(-\\infty,\\infty)', '(-1,1)', 'x>1', '(-\\infty,-1]\\cup[1,\\infty)'],
      },
      {
        gold: '(-\\infty,2)\\cup(2,\\infty)',
        right: ['x\\neq2', '\\mathbb{R}\\setminus\\{2\\}', 'x != 2'],
        wrong: ['\\mathbb{R}', 'x \\ne 3', '2'],
      },
      {
        gold: '(-\\infty,\\infty)',
        right: ['\\mathbb{R}', '\\text{all real numbers}', 'x \\in \\mathbb R'],
        wrong: ['(0,\\infty)', '0', '\\emptyset'],
      },
    ],
    sets: [
      {
        gold: '\\{1,2,3\\}',
        right: ['\\{3,1,2\\}', '1,2,3', '\\left\\{1, 2, 3\\right\\}', '\\{1,1,2,3\\}'],
        wrong: ['\\{1,2\\}', '(1,2,3)', '\\{1,2,3,4\\}', '123'],
      },
      {
        gold: '\\emptyset',
        right: ['\\varnothing', '\\{\\}', '\\{ \\}', '\\text{no solution}'],
        wrong: ['\\{0\\}', '0'],
      },
      {
        gold: '(-3,5)',
        right: ['-3 < x \\text{ and } x < 5', '(-3,7)\\cap(-4,5)', 'x > -3 and x < 5'],
        wrong: ['-3 < x \\text{ or } x < 5', '(-3,7)\\cup(-4,5)', 'x > -3, x > 5'],
      },
      { gold: '\\{x \\mid x > 2\\}', right: ['(2,\\infty)', 'x>2'], wrong: ['[2,\\infty)', '2'] },
    ],
    lists: [
      {
        gold: '1, -3',
        right: ['-3, 1', '-3 \\text{ and } 1', 'x = 1 \\text{ or } x = -3', 'x=1, x=-3', '\\{1,-3\\}'],
        wrong: ['1', '1, 3', '1,-3,2', '(1,-3)'],
      },
      { gold: '1,1,2', right: ['1,2,1'], wrong: ['1,2', '1,2,2'] },
      {
        gold: '\\pm\\sqrt2',
        right: ['\\sqrt2,-\\sqrt2', '-\\sqrt{2} \\text{ or } \\sqrt{2}'],
        wrong: ['\\sqrt2', '2', '\\pm\\sqrt3'],
      },
      { gold: '1\\pm\\sqrt5', right: ['1+\\sqrt5,1-\\sqrt5', '1 \\mp \\sqrt5'], wrong: ['1+\\sqrt5', '-1\\pm\\sqrt5'] },
    ],
    points: [
      {
        gold: '(1,-2)',
        right: ['(1, -2)', '\\left(1,-2\\right)', 'x=1, y=-2', '(x,y) = (1,-2)', '\\left(\\frac22, -2\\right)'],
        wrong: ['(-2,1)', '(1,2)', '1,-2', 'x=-2,y=1', '(1,-2,0)'],
      },
      {
        gold: '(1,2),(3,4)',
        right: ['(3,4),(1,2)', '(3,4) \\text{ and } (1,2)', 'x=1,y=2,x=3,y=4', 'x=1,y=2;x=3,y=4'],
        wrong: ['(1,2)', '(2,1),(4,3)'],
      },
      { gold: '(6,235^\\circ)', right: ['(6, 235)', '(6,235^{\\circ})'], wrong: ['(235^\\circ,6)', '(6,236^\\circ)'] },
    ],
    matrices: [
      {
        gold: '\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}',
        right: [
          '\\begin{bmatrix} 1 & 2 \\\\ 3 & 4 \\end{bmatrix}',
          '\\left[\\begin{array}{cc}1&2\\\\3&4\\\\\\end{array}\\right]',
          '\\frac12\\begin{pmatrix}2&4\\\\6&8\\end{pmatrix}',
        ],
        wrong: [
          '\\begin{pmatrix}1&3\\\\2&4\\end{pmatrix}',
          '\\begin{pmatrix}1&2\\end{pmatrix}',
          '-\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}',
        ],
      },
      {
        gold: '\\begin{pmatrix}1\\\\2\\end{pmatrix}',
        right: ['(1,2)', '\\begin{pmatrix}1\\\\\\frac42\\end{pmatrix}'],
        wrong: ['\\begin{pmatrix}1&2\\end{pmatrix}', '(2,1)', '[1,2]'],
      },
    ],
    units: [
      {
        gold: '36\\text{ cm}^2',
        right: ['36', '36\\text{ square centimeters}', '36\\,\\mathrm{cm}^2', '36 cm^2', '36 \\text{ sq. cm}'],
        wrong: ['36\\text{ cm}', '36\\text{ m}^2', '36\\text{ cm}^3', '35'],
      },
      {
        gold: '5\\text{ m}',
        right: ['5', '5\\,\\mathrm{m}', '500\\text{ cm}', '5\\text{ meters}'],
        wrong: ['5\\text{ cm}', '5\\text{ m/s}', '5\\text{ seconds}'],
      },
      {
        gold: '12',
        right: ['12\\text{ inches}', '12\\text{ ways}', '1\\text{ dozen}', '12 feet'],
        wrong: ['12\\text{ million}', '12\\text{ or more}', '12\\text{ plus } x'],
      },
      {
        gold: '5',
        right: ['5\\frac{\\text{m}}{\\text{s}}', '5米', '\\$5\\text{ per hour}', '\\text{Area} = 5', '5th'],
        wrong: ['5 \\text{ (or } 6)', '5\\text{ not } 6', '5 6'],
      },
      { gold: '\\text{four}', right: ['4'], wrong: ['5'] },
    ],
    money: [
      {
        gold: '\\$1{,}234.50',
        right: ['1234.5', '\\$1234.50', '1234.50\\text{ dollars}', '$1,234.50'],
        wrong: ['1234', '1234.50\\text{ euros}'],
      },
      { gold: '80\\text{ cents}', right: ['80', '\\$0.80'], wrong: ['\\$80', '0.8'] },
    ],
    degrees: [
      {
        gold: '60^\\circ',
        right: ['60', '60^{\\circ}', '60\\text{ degrees}', '60°', '\\frac{\\pi}{3}', '\\angle ABC = 60^\\circ'],
        wrong: ['61^\\circ', '\\frac{\\pi}{6}', '-60^\\circ'],
      },
      {
        gold: '\\frac12',
        right: ['\\sin 30^\\circ', '\\cos \\frac{\\pi}{3}', '\\cos 60^{\\circ}'],
        wrong: ['\\sin 30', '\\cos 30^\\circ'],
      },
    ],
    percent: [
      {
        gold: '25\\%',
        right: ['25', '0.25', '\\frac14', '25 percent', '25\\text{ percent}', '25 %'],
        wrong: ['2.5', '250\\%', '0.025'],
      },
      { gold: '25', right: ['25\\%'], wrong: ['2500\\%', '0.25'] },
      { gold: '1.5', right: ['150\\%', '1.5\\%'], wrong: ['15\\%'] },
      { gold: '0.56 = 56\\%', right: ['0.56', '56\\%', '56'], wrong: ['0.65', '5.6'] },
    ],
    numerals: [
      { gold: '101_2', right: ['101_{2}', '101', '101_{\\text{two}}'], wrong: ['5', '110_2', '101_3'] },
      { gold: 'A5_{16}', right: ['\\text{A5}_{16}', 'A5_{16}'], wrong: ['165', 'A6_{16}'] },
      { gold: '5', right: ['5_{10}'], wrong: ['101_2'] },
    ],
    equations: [
      { gold: 'x = 5', right: ['5', '5 = x', 'x=5.0', '2x = 10'], wrong: ['x = 6', 'y = 5', 'x > 5', '-5'] },
      {
        gold: 'y = 2x + 3',
        right: ['2x+3', '2x - y + 3 = 0', 'y - 3 = 2x', '4x + 6 = 2y', 'y=3+2x'],
        wrong: ['y = 3x + 2', 'y = 2x - 3', '2x + y + 3 = 0', 'y > 2x+3'],
      },
      {
        gold: 'x + y + z = 0',
        right: ['z + x + y = 0', '-x-y-z=0'],
        wrong: ['x - y + z = 0', 'x + z = 2y', 'x + y + z = 1'],
      },
      { gold: '(x+1)^2', right: ['x^2+2x+1 = (x+1)^2'], wrong: ['x^2+2x+2 = (x+1)^2', 'y = (x+2)^2'] },
      {
        gold: '(1,2)',
        right: ['\\begin{cases} x=1 \\\\ y=2 \\end{cases}'],
        wrong: ['\\begin{cases} x=2 \\\\ y=1 \\end{cases}'],
      },
      { gold: 'f(x) = x^2 + 1', right: ['x^2+1', 'f(x) = 1 + x^2'], wrong: ['x^2', 'g(x)=x^2+1', 'f(x) = x^2 - 1'] },
      { gold: 'AB=9, CD=4', right: ['AB = 9, CD = 4', '9, 4', 'CD=4, AB=9'], wrong: ['4, 9', 'AB=4, CD=9', '9'] },
      { gold: '7', right: ['x = 3 + 4 = 7', 'a_3 = 7', '\\sin\\theta = 7'], wrong: ['x = 7 - 4 = 3', '2x + z = 7'] },
    ],
    inequalities: [
      {
        gold: 'x > 3',
        right: ['3 < x', '2x > 6', '-x < -3', '(3,\\infty)', 'x \\gt 3'],
        wrong: ['x < 3', 'x \\ge 3', '-x > -3', '3'],
      },
      {
        gold: 's^2 \\le 8r^2',
        right: ['8r^2 \\ge s^2', '2s^2 \\leq 16r^2'],
        wrong: ['s^2 \\ge 8r^2', 's^2 < 8r^2', 's \\le 8r'],
      },
      { gold: 'f(2) < f(1) < f(4)', right: ['f(4) > f(1) > f(2)'], wrong: ['f(1) < f(2) < f(4)', 'f(2) < f(1)'] },
    ],
    polynomials: [
      {
        gold: 'x^2-4',
        right: ['(x-2)(x+2)', '-4+x^2', 'x \\cdot x - 4', '(x+2)(x-2)'],
        wrong: ['(x-2)(x+3)', 'x^2+4', 'y^2-4', 'x^2'],
      },
      { gold: 'ab+ac', right: ['a(b+c)', 'ca+ba', '(c+b)a'], wrong: ['a(b-c)', 'abc', 'a+b+c'] },
      { gold: 'x+1000000000000', right: ['1000000000000+x'], wrong: ['x+1000000000001'] },
      { gold: 'x+z', right: ['z+x'], wrong: ['2y', 'x+y'] },
    ],
    'other expressions': [
      {
        gold: '\\frac1x+\\frac1y',
        right: ['\\frac{x+y}{xy}', '(x+y)/(xy)', 'x^{-1}+y^{-1}'],
        wrong: ['\\frac{2}{x+y}', '\\frac{1}{xy}'],
      },
      {
        gold: '\\sin 2x',
        right: ['2\\sin x\\cos x', '2 \\cos(x) \\sin(x)'],
        wrong: ['2\\sin x', '\\sin x', '\\cos 2x'],
      },
      {
        gold: '\\sin^2 x',
        right: ['1-\\cos^2x', '(\\sin x)^2', '\\frac{1-\\cos 2x}{2}'],
        wrong: ['\\sin x^2', '\\cos^2 x'],
      },
      { gold: '2\\ln x', right: ['\\ln x^2', '\\ln(x) + \\ln x'], wrong: ['\\ln 2x', '(\\ln x)^2'] },
      { gold: '\\sqrt{ab}', right: ['\\sqrt a\\sqrt b', 'b^{1/2}a^{1/2}'], wrong: ['ab', '\\sqrt{a+b}'] },
      { gold: '30p\\sqrt p', right: ['30\\sqrt{p^3}', '30p^{3/2}'], wrong: ['30p^2', '30\\sqrt p'] },
      { gold: '|x|', right: ['\\sqrt{x^2}', '|-x|', '\\lvert x\\rvert'], wrong: ['x', '-x', 'x^2'] },
      { gold: '\\log_2 8', right: ['3', '\\frac{\\ln 8}{\\ln 2}'], wrong: ['\\log_8 2', '4'] },
      {
        gold: '\\binom{n}{2}',
        right: ['\\frac{n(n-1)}{2}', '\\dbinom n2'],
        wrong: ['\\frac{n^2}{2}', '\\binom{n}{3}'],
      },
      {
        gold: '120',
        right: ['5!', '\\binom{10}{3}', '\\lfloor 120.7 \\rfloor', '\\lceil 119.2 \\rceil'],
        wrong: ['6!', '\\binom{10}{4}'],
      },
      { gold: '3 - 2f(x)', right: ['-2f(x)+3'], wrong: ['3-2f(-x)', '3-2g(x)', '3-2x'] },
    ],
    ratios: [{ gold: '2:3', right: ['4:6', '2 : 3', '\\frac23'], wrong: ['3:2', '2:5', '2:3:1'] }],
    text: [
      {
        gold: '\\text{Evelyn}',
        right: ['Evelyn', '\\mathrm{Evelyn}', '\\textbf{evelyn}', '\\mbox{Evelyn}.'],
        wrong: ['Carla', '\\text{Evelyn and Carla}', 'E'],
      },
      { gold: '\\text{even}', right: ['even'], wrong: ['odd', '\\text{neither}', '\\text{not even}'] },
      {
        gold: '\\text{(B)}',
        right: ['B', '(B)', '\\mathrm{B}', '\\textbf{(B)}\\ 12', '(B) 12'],
        wrong: ['A', '(C)', '\\text{(A)}', '12'],
      },
      { gold: 'B', right: ['\\text{Option B}', '\\text{choice (B)}'], wrong: ['\\text{Option C}'] },
      { gold: '\\text{A, C}', right: ['\\text{C, A}', 'A, C', '\\text{A and C}'], wrong: ['A', '\\text{A, B}', 'AC'] },
      { gold: '\\text{CBAD}', right: ['CBAD'], wrong: ['ABCD', 'DABC'] },
      {
        gold: '4:30 \\text{ p.m.}',
        right: ['\\text{4:30 PM}', '4\\!:\\!30', '04:30 pm'],
        wrong: ['4:30 a.m.', '4:31 p.m.', '\\frac{4}{30}'],
      },
    ],
  };

describe.each(Object.entries(KINDS))('%s', (_kind, cases) => {
  it.each(cases)('$gold equals its other forms and nothing else', ({ gold, right, wrong }) => {
    expect(right.filter((answer) => !compareAnswers(gold, answer).equal)).toEqual([]);
    expect(wrong.filter((answer) => compareAnswers(gold, answer).equal)).toEqual([]);
  });
});

describe('normal form', () => {
  it('is the same for answers that are the same number', () => {
    const forms = ['\\sqrt8', '2\\sqrt2', '\\frac{4}{\\sqrt{2}}'].map(
      (answer) => compareAnswers('1', answer).normalAnswer,
    );
    expect(new Set(forms).size).toBe(1);
    expect(compareAnswers('0.50', '\\frac{2}{4}')).toMatchObject({ normalGold: '1/2', normalAnswer: '1/2' });
  });

  it('does not depend on the order of a sum, a set or a list', () => {
    expect(compareAnswers('x+1', '1+x')).toMatchObject({ normalGold: '(1 + x)', normalAnswer: '(1 + x)' });
    expect(compareAnswers('\\{2,1\\}', '\\{1,2\\}')).toMatchObject({ normalGold: '{1, 2}', normalAnswer: '{1, 2}' });
  });
});
