/** Tables of answers: each line is a gold answer, what equals it (≡), and what does not (≢). */
import { describe, expect, it } from 'vitest';
import { compareAnswers, sameAnswers } from './same.ts';

const TABLES: Readonly<Record<string, string>> = {
  remainders: String.raw`
    5\pmod 8 ≡ 5 \pmod{8} ≡ x \equiv 5 \pmod 8 ≡ 13 \pmod 8 ≡ -3\pmod 8 ≡ 5 (mod 8) ≡ 5 \bmod 8 ≡ 5\text{ (mod }8) ≡ n≡5 (mod 8) ≡ 5 \text{ mod } 8 ≡ 5\mod 8 ≡ 5 \text{ (mod 8)} ≢ 8\pmod 5 ≢ 5\pmod 9 ≢ 3\pmod 8 ≡ 5 ≢ 13 ≢ 40 ≢ 8
    n \equiv 4 \pmod 9 ≡ 4\pmod 9 ≡ n\equiv 13\pmod{9} ≡ n \equiv -5 \pmod 9 ≡ n\equiv 4 \mod 9 ≢ n\equiv 5\pmod 9 ≢ n\equiv 4\pmod 7 ≢ m \equiv 4\pmod 9
    x \equiv 1, 3 \pmod 4 ≡ x \equiv 3, 1 \pmod 4 ≡ x\equiv 1 \pmod 4 \text{ or } x \equiv 3 \pmod 4 ≡ x \equiv \pm 1\pmod 4 ≢ x\equiv 1\pmod 4 ≢ x \equiv 1, 2 \pmod 4
    17 \bmod 5 ≡ 2 ≡ 2 \pmod 5 ≢ 3 ≢ 5 \bmod 17 ≢ 85
    a \equiv b \pmod m ≡ b \equiv a \pmod m ≡ a - b \equiv 0 \pmod m ≢ a\equiv m \pmod b ≢ a \equiv -b \pmod m
`,
  factorials: String.raw`
    (2k)!! ≡ 2^k k! ≢ (2k)! ≢ ((2k)!)! ≢ 2k!!
    105 ≡ 7!! ≢ 7! ≢ (7!)!
    48 ≡ 6!! ≡ 2^3\cdot 3! ≢ 6!
    (3!)! ≡ 720 ≢ 3!!
    15 ≡ 5!! ≡ {6 \choose 2} ≡ \binom{6}{2} ≡ \binom62 ≡ 6 \choose 2 ≡ C(6,2) ≡ {6\choose 4} ≢ \binom{2}{6} ≢ {2 \choose 6} ≢ \binom{6}{3}
    \binom{n}{k} ≡ \binom{n}{n-k} ≡ {n\choose k} ≡ \dbinom nk ≢ \binom{k}{n} ≢ \frac{n}{k} ≢ nk
`,
  'operators that do not commute': String.raw`
    \vec{u}\times\vec{v} ≡ \vec u \times \vec v ≡ \overrightarrow{u}\times\overrightarrow{v} ≢ \vec{v}\times\vec{u} ≢ \vec{u}\cdot\vec{v}
    \mathbf{u}\times\mathbf{v} ≡ \mathbf u\times\mathbf v ≢ \mathbf{v}\times\mathbf{u}
    \mathbf{a}\cdot\mathbf{b} ≡ \mathbf{b}\cdot\mathbf{a} ≢ \mathbf{a}\times\mathbf{b}
    f\circ g ≡ f \circ g ≢ g\circ f ≢ fg
    (f\circ g)(x) ≢ (g\circ f)(x)
    A\to B ≡ A \rightarrow B ≢ B\to A
    p \land q ≡ p\wedge q ≢ p\lor q ≢ q \land \neg p
    p \implies q ≡ p\Rightarrow q ≢ q\implies p ≢ p \iff q
    A \subset B ≡ B\supset A ≢ B\subset A ≢ A \subseteq B
    AB \parallel CD ≡ CD\parallel AB ≢ AB\perp CD ≢ AC \parallel BD
    \triangle ABC \sim \triangle DEF ≡ \triangle DEF\sim\triangle ABC ≢ \triangle ABC \sim\triangle EDF ≢ \triangle ABC \cong \triangle DEF
    \mathbb{R}\times\mathbb{Z} ≢ \mathbb{Z}\times\mathbb{R}
    A\setminus B ≡ A \backslash B ≢ B\setminus A ≢ A\cap B
    a\oplus b ≢ b\oplus a ≢ ab ≢ a+b
    \sum_{k=1}^n k ≡ \sum_{k=1}^{n} k ≢ \sum_{k=1}^{k} n ≢ \prod_{k=1}^n k ≢ \sum_{n=1}^k k
    \int_0^1 x\,dx ≢ \int_1^0 x\,dx ≢ \int_0^x 1\,dx
    \lim_{x\to 0} f(x) ≢ \lim_{x\to \infty} f(x)
    \log_2 3 ≢ \log_3 2 ≡ \log_{2}{3} ≡ \frac{\ln 3}{\ln 2}
    x_1 ≢ x_2 ≢ x^1 ≢ x_{11}
    x_{12} ≢ x_{1}2 ≢ x_{21}
    f(x) ≢ f'(x) ≢ f(y) ≢ g(x) ≢ f^{-1}(x) ≢ fx ≢ \frac{1}{f(x)}
    f'(x) ≡ f^{\prime}(x) ≡ f^\prime(x) ≢ f''(x) ≢ f(x)
    f^{-1}(3) ≢ \frac{1}{f(3)} ≢ f(3)^{-1} ≢ f(-3)
    p(x)q(y) ≡ q(y)p(x) ≢ p(y)q(x)
    P(A|B) ≢ P(B|A) ≢ P(A)P(B) ≢ P(A\cap B)
    P(A)P(B) ≡ P(B)P(A) ≢ P(AB) ≢ P(A)+P(B)
    \bar{z} ≡ \overline{z} ≢ z ≢ \hat{z} ≢ \vec z
    \angle ABC ≡ \angle CBA ≢ \angle ACB ≢ \angle BAC
    AB\cdot CD ≡ CD\cdot AB ≡ BA\cdot CD ≢ AC\cdot BD ≢ AD \cdot BC
    \frac{NO}{BO} ≢ \frac{NA}{BA}
    \max(a,b) ≡ \max\{b,a\} ≢ \min(a,b) ≢ ab
    1+2+\dots+10 ≡ 1+2+\cdots+10 ≢ 1+3+\dots+9 ≢ 2+1+\dots+11
    1,2,\dots,10 ≡ 1, 2, \ldots, 10 ≡ 1,2,...,10 ≢ 1,3,\dots,10 ≢ 1,2,\dots,9
    \neg p ≢ p ≢ -p
    \gcd(12,18) ≡ 6 ≡ \gcd(18,12) ≢ \operatorname{lcm}(12,18)
    36 ≡ \operatorname{lcm}(12,18) ≡ \text{lcm}(12,18)
    f(2) = 5 ≢ f(3) = 5 ≡ 5
    10\text{ a.m.} ≢ 10\text{ p.m.}
    5\text{ boys} ≡ 5 ≡ 5\text{ boys} ≢ 5\text{ girls} ≢ 5\text{ m}
    40\text{ feet} ≡ 40 ≡ 40\text{ ft} ≢ 40\text{ points}
    45^\circ ≢ 45\text{ square units}
    3:1 ≢ 3\text{ cm} ≡ 3
`,
  'signs of Unicode': String.raw`
    -5 ≡ ‑5 ≡ –5 ≡ −5 ≡ 9‑14 ≡ ﹣5 ≡ －5 ≢ 5 ≢ 9 14
    \frac23 ≡ ⅔ ≡ 2⁄3 ≡ 2/3 ≡ ２/３ ≢ ⅓ ≢ 3⁄2
    2\frac12 ≡ 2½ ≡ 2 ½ ≡ 5⁄2 ≢ 2⅓ ≢ ½
    y^4 ≡ y⁴ ≡ y^{4} ≢ y₄ ≢ y³
    x^{-1} ≡ x⁻¹ ≡ \frac1x ≢ x¹ ≢ x₋₁
    x^{10} ≡ x¹⁰ ≢ x¹0
    x_1 ≡ x₁ ≡ x_{1} ≢ x¹ ≢ x₂
    a_{12} ≡ a₁₂ ≢ a₁2
    2x_1+x_2 ≡ 2x₁+x₂ ≢ 2x₂+x₁
    \lambda ≡ λ ≡ lambda ≢ μ
    \alpha+\beta ≡ α+β ≡ β + α ≢ α−β
    \Delta ≡ Δ ≢ δ
    \omega ≡ ω ≡ \mathrm{ω}
    \phi ≡ \varphi ≡ φ ≡ ϕ
    2\pi ≡ 2π ≡ 2·π ≡ 2⋅π ≡ 2×π ≡ 𝟐π ≡ π∙2 ≢ 3π
    \lfloor x\rfloor ≡ ⌊x⌋ ≢ ⌈x⌉ ≢ x
    \lceil 2.5\rceil ≡ ⌈2.5⌉ ≡ 3 ≢ ⌊2.5⌋
    (3,4) ≡ （3，4） ≡ （３，４） ≡ (3, 4) ≢ （4，3）
    12500 ≡ 12 500 ≡ 12 500 ≡ 12 500 ≡ 12,500 ≡ １２５００
    5 ≡ <U+200B>5 ≡ 5<U+FEFF> ≡ ５ ≡ 𝟓 ≡ ٥ ≡ ५ ≢ ４
    x\le 3 ≡ x≤3 ≡ x⩽3 ≡ x≦3 ≡ (−∞,3] ≢ x≥3 ≢ x<3
    x\ne 2 ≡ x≠2
    \pm 3 ≡ ±3 ≡ 3,−3 ≡ ∓3 ≢ 3
    \sqrt5 ≡ √5 ≡ √(5) ≡ √{5} ≢ ∛5
    3\sqrt{2} ≡ 3√2 ≡ 3·√2 ≢ √(32)
    3 ≡ ∛27 ≡ \sqrt[3]{27} ≡ ∜81
    (1,2)\cup(3,4) ≡ (1,2)∪(3,4) ≡ (1,2) U (3,4) ≢ (1,2)∩(3,4)
    \emptyset ≡ ∅ ≡ \varnothing ≡ \{\} ≢ {0}
    \mathbb{R} ≡ ℝ ≡ \R ≡ x∈ℝ ≡ (−∞,∞) ≢ ℤ ≢ ℚ
    \mathbb{Z} ≡ ℤ ≡ \Z ≢ ℝ ≢ \mathbb{N}
    60^\circ ≡ 60° ≡ 60º ≡ 60∘ ≡ π/3 ≢ 60′
    x\in\mathbb{R}\setminus\{2\} ≡ ℝ∖{2} ≡ x≠2
    \frac{1}{2}x ≡ ½x ≡ x/2 ≢ ½+x
    x^2+2x+1 ≡ x²+2x+1 ≡ (x+1)² ≢ x₂+2x+1
    \text{even} ≡ ｅｖｅｎ
    \frac{a}{b} ≡ a⁄b ≡ a∕b ≡ a÷b
    100 ≡ １００ ≡ 1００ ≡ 10²
    \infty ≡ ∞ ≢ −∞
    \theta=30^\circ ≡ θ=30° ≡ 30°
    \ell ≡ ℓ
    𝑥+1 ≡ x+1 ≢ y+1
`,
  'compound units': String.raw`
    2.25\text{ hours} ≡ 2\text{ hours } 15\text{ minutes} ≡ 2 hours 15 minutes ≡ 2 hr 15 min ≡ 135\text{ minutes} ≡ 2 hours and 15 minutes ≡ 2\text{ hours and }15\text{ minutes} ≡ 2.25 ≢ 2\text{ hours }25\text{ minutes} ≢ 2.15\text{ hours} ≢ 15\text{ minutes}
    63\text{ inches} ≡ 5\text{ ft }3\text{ in} ≡ 5 ft 3 in ≡ 5 feet 3 inches ≡ 5 feet and 3 inches ≡ 63 ≢ 5.3\text{ ft} ≢ 3 ft 5 in
    60\text{ km/h} ≡ 60 km/h ≡ 60\text{ kilometers per hour} ≡ 60\,\frac{\text{km}}{\text{h}} ≡ 60 ≡ 1\text{ km/min} ≢ 60\text{ m/s} ≢ 60\text{ km}
    9.8\text{ m/s}^2 ≡ 9.8\,\mathrm{m/s^2} ≡ 9.8\text{ meters per second squared} ≡ 9.8\text{ m}/\text{s}^2 ≡ 9.8 ≢ 9.8\text{ m/s}
    10\text{ m/s} ≡ 36\text{ km/h} ≡ 36 kph ≢ 10\text{ km/h}
    3\pi ≡ 3\pi cm ≡ 3\pi\text{ cm} ≡ 3π cm ≢ 3\pi^2
    4\sqrt5 ≡ 4\sqrt{5}cm ≡ 4\sqrt{5} cm ≡ 4\sqrt{5}\ \text{km} ≢ 4\sqrt{5c}
    5\text{ cm}^2 ≡ 500\text{ mm}^2 ≡ 5\text{ sq cm} ≡ 5cm^2 ≢ 50\text{ mm}^2
    1\text{ liter} ≡ 1000\text{ mL} ≡ 1000\text{ cm}^3 ≢ 100\text{ mL}
    5\text{ m} ≡ 5 m ≡ 5 \mathrm{m} ≢ 6 m ≢ 5 g
    2\text{ lb} ≡ 32\text{ oz} ≡ 2 pounds ≢ 16 oz
    \frac{\pi}{3} ≡ 60^\circ ≡ \frac{\pi}{3}\text{ radians} ≡ \pi/3 rad
    30.25^\circ ≡ 30^\circ 15' ≡ 30°15′ ≢ 30^\circ 25'
    \$5 ≡ 5 dollars ≡ 500\text{ cents} ≡ US\$5 ≡ 5 USD ≢ \$6 ≢ 5\text{ cents}
    20\text{ mph} ≡ 20\text{ miles per hour} ≡ 20 mi/h ≢ 20\text{ km/h}
`,
  'repeating decimals': String.raw`
    \frac23 ≡ 0.\dot6 ≡ 0.\dot{6} ≡ 0.\overline{6} ≡ 0.\bar6 ≡ 0.666\ldots ≡ 0.666... ≡ 0.(6) ≡ 0.66… ≡ .\overline{6} ≡ 0.6\overline{6} ≢ 0.6 ≢ 0.666 ≢ 0.\overline{3} ≢ 0.\overline{06}
    \frac17 ≡ 0.\overline{142857} ≡ 0.\dot{1}4285\dot{7} ≡ 0.(142857) ≢ 0.142857
    \frac16 ≡ 0.1\overline{6} ≡ 0.1\dot6 ≡ 0.1(6) ≡ 0.1666\ldots ≢ 0.\overline{16}
    \frac{4}{33} ≡ 0.\overline{12} ≡ 0.1212\ldots ≡ 0.\dot1\dot2 ≢ 0.12
    2\frac13 ≡ 2.\overline{3} ≡ 2.333\dots ≡ 2.\dot{3} ≢ 2.3
    25000 ≡ 2.5 x 10^4 ≡ 2.5×10^4 ≡ 2.5 \times 10^{4} ≡ 2.5e4 ≡ 2.5E4 ≡ 2.5*10^4 ≡ 2.5 × 10⁴ ≡ 2.5 X 10^4 ≢ 2.5 x 10^5
    0.001 ≡ 1e-3 ≡ 10^{-3} ≡ 1 x 10^-3 ≡ 1\cdot10^{-3} ≢ 1e3
`,
  ratios: String.raw`
    3:8 ≡ 3\text{ to }8 ≡ 3 to 8 ≡ 6:16 ≡ 3/8 ≡ \frac38 ≡ 3\text{ out of }8 ≢ 8:3 ≢ 8\text{ to }3
    1:2:3 ≡ 2:4:6 ≡ 1\text{ to }2\text{ to }3 ≢ 1:3:2
`,
  words: String.raw`
    15 ≡ \text{fifteen} ≡ fifteen ≡ Fifteen ≡ 15th ≡ fifteenth ≢ fifty ≢ five
    21 ≡ twenty-one ≡ \text{twenty one} ≡ \text{Twenty-One} ≢ twelve
    105 ≡ one hundred and five ≡ \text{one hundred five} ≢ one hundred fifty
    \frac23 ≡ two thirds ≡ \text{two-thirds} ≢ three halves
    2.5 ≡ two and a half ≡ \text{two and one half}
    1000000 ≡ one million ≡ 1\text{ million} ≡ 10^6 ≢ one billion
    -9 ≡ negative nine ≡ minus nine ≡ \text{negative 9} ≢ nine
    2,3 ≡ two and three ≡ \text{two and three} ≢ twenty-three
    40\text{ minutes} ≡ forty minutes ≡ \text{forty minutes} ≡ 40
`,
  'stated values': String.raw`
    29 ≡ m+n=29 ≡ m + n = 29 ≡ a+b+c=29 ≡ xy=29 ≡ m = 29 ≢ m+n=30 ≢ 2m = 29 ≢ m+3=29 ≢ m+n=28+2
    13 ≡ |CD|=13 ≡ CD = 13 ≡ \overline{CD} = 13 ≡ |\vec{v}| = 13 ≡ \|v\| = 13 ≡ |z|=13 ≡ |z_1-z_2| = 13 ≢ |CD| = 12 ≢ |CD|=-13
    \frac14 ≡ P(A) = \frac14 ≡ P(A\cap B) = \frac14 ≡ P(X>2)=\frac14 ≡ P(A|B)=0.25 ≡ P(\text{red}) = \frac{1}{4} ≡ \Pr(A)=1/4 ≡ P = \frac14 ≢ P(A)=\frac12
    \frac32 ≡ \frac{NO}{BO}=\frac32 ≡ \frac{AB}{CD} = 1.5 ≡ \frac{a}{b}=\frac{3}{2} ≡ a/b = 3/2 ≢ \frac{NO}{BO}=\frac23
    7 ≡ f(3)=7 ≡ f(-1)=7 ≡ f(g(2)) = 7 ≡ (f\circ g)(2) = 7 ≡ f'(2)=7 ≡ f^{-1}(4)=7 ≡ a_{10} = 7 ≡ S_n = 7 ≡ \sqrt{ab}=7 ≡ \log_2 x = 7 ≡ [ABC] = 7 ≡ \text{Area} = 7 ≡ \text{Area}(ABC)=7 ≡ x^2 = 7 ≡ |A\cup B| = 7 ≡ \max f = 7 ≡ \sum_{k=1}^n a_k = 7 ≡ \lim_{x\to0} f(x) = 7 ≡ \deg f = 7 ≡ \gcd(a,b)=7 ≡ N = 7 ≡ x=3+4=7 ≡ \int_0^1 f(x)\,dx=7 ≡ \text{The answer is } 7 ≡ a_1+a_2=7 ≡ \min(a,b) = 7 ≡ \lfloor x \rfloor = 7 ≢ f(7)=3 ≢ f(7) ≢ x = 7 - 4 = 3 ≢ 7 = 8 ≢ x \ne 7 ≢ x>7
    60^\circ ≡ \angle ABC = 60^\circ ≡ \angle A = 60° ≡ m\angle ABC = 60^\circ ≡ \angle A + \angle B = 60^\circ ≢ \angle ABC = 61^\circ
    m+n=29 ≡ 29 ≡ n+m=29 ≢ m+n=30 ≢ m-n=29 ≢ m=29 ≢ 30
    |CD|=13 ≡ 13 ≡ CD=13 ≢ |AB|=13
    f(3)=7 ≡ 7 ≢ f(7)=3 ≢ 3
    x^2+y^2=25 ≡ y^2+x^2=25 ≡ 2x^2+2y^2=50 ≢ 25 ≢ x^2+y^2=24 ≢ x^2-y^2=25
    2x+z=1 ≢ 1
    x+y=5 ≡ y = 5-x ≢ x+y=6 ≢ x-y=5
    10 ≢ 2x=10
    \begin{pmatrix}1&0\\0&1\end{pmatrix} ≡ \mathbf{A}^{-1} = \begin{pmatrix}1&0\\0&1\end{pmatrix} ≡ A = \begin{bmatrix}1&0\\0&1\end{bmatrix} ≡ [[1,0],[0,1]] ≢ [[0,1],[1,0]]
`,
  assignments: String.raw`
    x=1,y=2 ≡ (1,2) ≡ y=2,x=1 ≡ (x,y)=(1,2) ≡ x=1\text{ and }y=2 ≡ y=2 \text{ and } x = 1 ≡ x=1;y=2 ≡ \begin{cases}y=2\\x=1\end{cases} ≢ (2,1) ≢ x=2,y=1 ≢ x=1 ≢ y=1,x=2 ≢ x=1,z=2 ≢ (y,x)=(1,2)
    (1,2) ≡ y=2,x=1 ≡ (x,y)=(1,2) ≡ x=1,\ y=2 ≡ a=1,b=2 ≡ b=2,a=1 ≢ y=1,x=2 ≢ a=2,b=1
    (x,y)=(1,2) ≡ (1,2) ≡ x=1,y=2 ≡ y=2,x=1 ≢ (2,1) ≢ (x,y)=(2,1) ≢ y=1,x=2
    (1,2,3) ≡ x=1,y=2,z=3 ≡ z=3,x=1,y=2 ≡ a=1,b=2,c=3 ≢ z=1,x=2,y=3
    a=3, b=-4 ≡ b=-4, a=3 ≡ (3,-4) ≡ 3,-4 ≢ -4,3 ≢ a=-4, b=3
    (2,2) ≡ x=y=2 ≡ x=2,y=2 ≢ x=2
`,
  intervals: String.raw`
    1\le|z|\le\frac32 ≡ [-\frac32,-1]\cup[1,\frac32] ≡ -1.5\le z\le -1 \text{ or } 1\le z\le 1.5 ≡ \frac32\ge|z|\ge1 ≢ [1,\frac32] ≢ 1\le z\le\frac32 ≢ 1<|z|<\frac32 ≢ 1\le|z|\le 2
    |x|<3 ≡ (-3,3) ≡ -3<x<3 ≡ |x| < 3 ≢ (0,3) ≢ [-3,3] ≢ |x|>3 ≢ x<3
    |x|>2 ≡ x<-2\text{ or }x>2 ≡ (-\infty,-2)\cup(2,\infty) ≢ x>2 ≢ |x|\ge2
    |x-1|\le 2 ≡ [-1,3] ≡ -1\le x\le3 ≡ |1-x|\le2 ≢ [-2,2]
    [3,8] ≡ x\ge3, x\le8 ≡ x \ge 3 \text{ and } x\le 8 ≡ 3\le x\le 8 ≡ 8\ge x\ge3 ≡ x\in[3,8] ≡ 3 \leqslant x \leqslant 8 ≡ \{x\mid 3\le x\le8\} ≡ \{x\in\mathbb{R}: 3\le x\le 8\} ≡ [3; 8] ≡ 6\le 2x\le 16 ≡ x\ge 3 \land x\le 8 ≢ (3,8) ≢ [3,8) ≢ x\ge3\text{ or }x\le 8 ≢ 3,8 ≢ [8,3]
    (-\infty,3)\cup(3,\infty) ≡ x\ne3 ≡ \mathbb{R}\setminus\{3\} ≡ x<3\text{ or }x>3 ≡ x<3, x>3 ≡ (-oo,3) U (3,oo) ≡ \mathbb{R} - \{3\} ≢ \mathbb{R} ≢ x=3
    (-\infty,1)\cup(1,2)\cup(2,\infty) ≡ x\ne 1,2 ≡ x\neq1\text{ and }x\ne2 ≡ x \ne 1, x\ne 2 ≡ \mathbb{R}\setminus\{1,2\} ≢ x\ne1
    x>5 ≡ (5,\infty) ≡ 5<x ≡ x \in (5, \infty) ≡ x > 5.0 ≡ (5,+\infty) ≢ [5,\infty) ≢ x<5
    [0,\infty) ≡ x\ge0 ≡ \{x\mid x\ge 0\} ≡ 0\le x<\infty ≢ (0,\infty)
    (-3,5) ≡ -3<x<5 ≡ (-3,7)\cap(-4,5) ≡ ]-3,5[ ≡ -3 < x, x < 5 ≢ [-3,5]
`,
  'families and constants': String.raw`
    n\pi, n\in\mathbb{Z} ≡ k\pi, k\in\mathbb{Z} ≡ k\pi ≡ x=k\pi, k∈ℤ ≡ n\pi \text{ for integer } n ≡ k\pi, k \text{ is an integer} ≡ -k\pi, k\in\mathbb{Z} ≡ k\pi\ (k\in\mathbb{Z}) ≢ 2k\pi, k\in\mathbb{Z} ≢ \pi ≢ \frac{k\pi}{2}, k\in\mathbb{Z} ≢ k\pi, k\in\mathbb{N} ≢ k\pi + 1, k\in\mathbb{Z}
    \frac{\pi}{4}+k\pi, k\in\mathbb{Z} ≡ \frac{\pi}{4}+n\pi, n\in\mathbb{Z} ≡ \frac{5\pi}{4}+m\pi, m\in\mathbb{Z} ≡ \frac{\pi}{4}-k\pi, k\in\mathbb{Z} ≢ -\frac{\pi}{4}+k\pi, k\in\mathbb{Z} ≢ \frac\pi4 ≢ \frac{\pi}{4}+2k\pi, k\in\mathbb{Z}
    \frac{x^2}{2}+K ≡ \frac{x^2}{2}+C ≡ \frac{x^2}{2} + c ≡ C+\frac12x^2 ≡ \frac{x^2+1}{2}+C ≢ \frac{x^2}{2} ≢ \frac{x^2}{3}+C ≢ \frac{x^2}{2}+x ≢ x^2+C
    \ln x + C ≡ \ln(2x)+C ≡ \ln x + C_1 ≢ 2\ln x + C ≢ \ln x
    A+B+C ≢ A+B+C+1 ≢ A+B+K ≢ A+C
`,
  'one sign changed': String.raw`
    24_{11} ≡ 24_{11} ≡ 24 ≢ 24_{10} ≢ 26
    24 ≡ 24_{10} ≢ 24_{11}
    -80\le g(x)\le 82 ≡ [-80,82] ≡ 82\ge g(x)\ge -80 ≢ -80\le g'(x)\le82 ≢ -80\le h(x)\le82
    x\in[-2,7] ≡ [-2,7] ≡ -2\le x\le 7 ≢ t\in[-2,7] ≢ x'\in[-2,7]
    x=1,y=2 ≢ x^2=1,y=2 ≢ x=1,2y=2 ≢ |x|=1,y=2
    16 ≢ 16\pmod 9 ≡ 16\pmod{20} ≡ 16
`,
  'LaTeX and plain text': String.raw`
    \sqrt2 ≡ sqrt(2) ≡ sqrt 2 ≡ sqrt{2} ≡ 2^{1/2} ≡ 2**(1/2) ≡ 2^0.5 ≡ \sqrt 2 ≡ \frac{2}{\sqrt 2} ≢ sqrt(3) ≢ 1.414 ≢ 2/sqrt(3)
    \sqrt[3]{2} ≡ 2^{1/3} ≡ 2^(1/3) ≡ \sqrt[3]2 ≡ 2**(1/3) ≢ \sqrt{2} ≢ 3\sqrt2
    \frac{\sqrt3}{2} ≡ sqrt(3)/2 ≡ \frac{1}{2}\sqrt3 ≡ \sqrt{3}/2 ≡ \frac{3}{2\sqrt{3}} ≡ \cos 30^\circ ≡ \sin(\pi/3) ≡ cos(pi/6) ≢ \frac{\sqrt2}{3}
    \frac{\pi}{3} ≡ pi/3 ≡ π/3 ≡ \frac13\pi ≡ \pi/3 ≢ \frac{3}{\pi} ≢ 1.047
    x^2+1 ≡ x**2+1 ≡ x*x+1 ≡ x^{2} + 1 ≡ 1 + x^2 ≡ x\cdot x+1 ≢ x^2-1 ≢ x^3+1 ≢ (x+1)^2 ≢ 2x+1
    3x ≡ 3*x ≡ 3\cdot x ≡ 3 x ≡ x3 ≡ x\cdot 3 ≢ 3+x ≢ x^3 ≢ 3y
    \frac{1}{2} ≡ 1/2 ≡ \frac12 ≡ \frac1{2} ≡ \dfrac{1}{2} ≡ \tfrac12 ≡ \cfrac{1}{2} ≡ .5 ≡ 0.50 ≡ 50\% ≡ {1 \over 2} ≡ 1 / 2 ≡ \frac{3}{6} ≡ (1/2) ≡ \frac {1}{2} ≡ 2^{-1} ≢ 2 ≢ \frac{2}{1} ≢ -\frac12 ≢ 12
    1\frac34 ≡ 1.75 ≡ \frac74 ≡ 1 3/4 ≡ 7/4 ≡ 1 \frac{3}{4} ≡ 1\,\frac34 ≢ \frac{34}{1} ≢ \frac34
    1234567 ≡ 1,234,567 ≡ 1{,}234{,}567 ≡ 1,\!234,\!567 ≡ 1\,234\,567 ≡ 1 234 567 ≡ 1.234.567 ≡ 1'234'567 ≡ 1234567.0 ≡ \text{1,234,567} ≢ 1,234,576 ≢ 123456.7
    12\% ≡ 12 ≡ 0.12 ≡ 12\text{ percent} ≡ 12 pct ≡ 12 per cent ≡ \frac{3}{25} ≡ 12 \% ≢ 1.2\% ≢ 1200
    \$12.50 ≡ 12.5 ≡ 12.50 dollars ≡ \$12.5 ≡ $12.50 ≡ 12.50\text{ USD} ≡ \frac{25}{2}\text{ dollars} ≡ 1250\text{ cents} ≢ \$12.05 ≢ €12.50
    €5 ≡ 5€ ≡ 5\text{ euros} ≡ 5 ≢ \$5 ≢ 6
    3+4i ≡ 4i+3 ≡ 3 + 4\mathrm{i} ≡ (2+i)^2 ≡ 3+i4 ≡ 3+i\cdot 4 ≢ 3-4i ≢ 4+3i ≢ -3+4i
    2i\sqrt3 ≡ 2\sqrt3 i ≡ \sqrt{-12} ≡ i\sqrt{12} ≢ -2i\sqrt3 ≢ 2\sqrt3
    \frac{1+i}{2} ≡ \frac12+\frac12 i ≡ 0.5+0.5i ≡ \frac{1}{1-i} ≢ \frac{1-i}{2}
    e^{i\pi/4} ≡ \frac{1+i}{\sqrt2} ≡ \cos\frac\pi4+i\sin\frac\pi4 ≡ \text{cis}\frac{\pi}{4} ≡ \operatorname{cis} 45^\circ ≢ e^{-i\pi/4}
    \log_2 8 ≡ 3 ≡ \log_2(8) ≡ \log_{2}{8} ≡ \frac{\log 8}{\log 2} ≡ \frac{\ln 8}{\ln 2} ≢ \log_8 2 ≢ \log 8
    \ln 2 ≡ ln 2 ≡ ln(2) ≡ \log_e 2 ≡ \frac12\ln 4 ≢ \log 2 ≢ \ln 3 ≢ 0.693
    \log 100 ≡ 2 ≡ \log_{10} 100 ≡ log(100) ≢ \ln 100
    e^2 ≡ \exp(2) ≡ exp(2) ≡ e**2 ≡ e \cdot e ≢ 2e ≢ e^{-2} ≢ 7.389
    \tan^2 x + 1 ≡ \sec^2 x ≡ \frac{1}{\cos^2 x} ≡ 1+tan(x)^2 ≢ \tan^2 x ≢ \csc^2 x
    2\sin x\cos x ≡ \sin 2x ≡ sin(2x) ≡ 2 sinx cosx ≡ \sin(2x) ≢ \sin^2 x ≢ 2\sin x ≢ \cos 2x
    \arctan 1 ≡ \frac{\pi}{4} ≡ \tan^{-1} 1 ≡ 45^\circ ≡ arctan(1) ≡ atan(1) ≢ \arcsin 1 ≢ \frac{1}{\tan 1}
    \{1,2,3\} ≡ \{3,2,1\} ≡ 1,2,3 ≡ {1,2,3} ≡ \left\{1,2,3\right\} ≡ \lbrace 1,2,3\rbrace ≡ 1, 2, \text{ and } 3 ≡ 1; 2; 3 ≢ \{1,2\} ≢ (1,2,3) ≢ \{1,2,3,4\} ≢ \{1,2,4\}
    (-\infty,2]\cup[5,\infty) ≡ x\le2\text{ or }x\ge5 ≡ [5,\infty)\cup(-\infty,2] ≡ (-oo,2] U [5,oo) ≡ \left(-\infty,2\right]\cup\left[5,\infty\right) ≢ (-\infty,2)\cup(5,\infty) ≢ [2,5] ≢ x\le 2
    (1,2) ≡ \left(1,2\right) ≡ (1, 2) ≡ \langle 1,2\rangle ≡ \begin{pmatrix}1\\2\end{pmatrix} ≡ (1; 2) ≡ A(1,2) ≡ (\frac22, 2.0) ≢ (2,1) ≢ [1,2] ≢ 1,2 ≢ (1,2,0)
    \begin{pmatrix}1&2\\3&4\end{pmatrix} ≡ \begin{bmatrix}1&2\\3&4\end{bmatrix} ≡ \begin{pmatrix}1&3\\2&4\end{pmatrix}^T ≡ [[1,2],[3,4]] ≡ \left(\begin{array}{cc}1&2\\3&4\end{array}\right) ≡ \begin{matrix}1&2\\3&4\end{matrix} ≡ \begin{pmatrix}1 & 2\\ 3 & \frac82\end{pmatrix} ≢ \begin{pmatrix}1&3\\2&4\end{pmatrix} ≢ \begin{pmatrix}1&2\\3&-4\end{pmatrix} ≢ \begin{pmatrix}1&2&3&4\end{pmatrix}
    y=2x+3 ≡ 2x+3 ≡ y-2x=3 ≡ 2x-y+3=0 ≡ y = 3 + 2x ≡ -y=-2x-3 ≢ y=3x+2 ≢ y=2x-3 ≢ x=2y+3 ≢ y<2x+3
    x=5 ≡ 5 ≡ x = 5.0 ≡ 5=x ≡ \boxed{5} ≡ \boxed{x=5} ≡ x\ =\ 5 ≡ $x=5$ ≡ \(x=5\) ≡ \[x = 5\] ≡ x = 2+3 = 5 ≢ x=-5 ≢ y=5 ≢ x\ne5
    \text{Yes} ≡ Yes ≡ yes ≡ \mathrm{yes} ≡ \textbf{Yes} ≡ \text{ yes } ≢ no
    \text{(C)} ≡ C ≡ (C) ≡ \textbf{C} ≡ \mathrm{(C)} ≡ \text{C} ≢ B ≢ \text{(D)}
    12:30 ≢ 11:30 ≢ 12:31
    1{,}000 ≡ 1000 ≡ 1,000 ≡ 10^3 ≡ 1000.00 ≡ 1 \times 10^3 ≢ 100 ≢ 1.0
    0.333 ≢ \frac13 ≢ 0.33 ≢ 0.334 ≡ .333 ≡ \frac{333}{1000}
    3.14 ≢ \pi ≢ 22/7
    -\frac12 ≡ \frac{-1}{2} ≡ \frac{1}{-2} ≡ -0.5 ≡ -1/2 ≡ - \frac{1}{2} ≡ -(1/2) ≢ \frac12 ≢ \frac{-1}{-2}
    (x-1)(x+1) ≡ x^2-1 ≡ (x+1)(x-1) ≡ -(1-x)(1+x) ≢ (x-1)^2 ≢ x^2+1
    \frac{x+2}{7} ≡ \frac x7+\frac27 ≡ (x+2)/7 ≡ \frac{1}{7}(x+2) ≢ x+\frac27 ≢ \frac{x}{7}+2
    a^{m+n} ≡ a^m a^n ≡ a^{n+m} ≢ a^{mn} ≢ a^m+a^n ≢ a^{m-n}
    \frac{n(n+1)}{2} ≡ \binom{n+1}{2} ≡ (n^2+n)/2 ≡ n(n+1)/2 ≡ 0.5n^2+0.5n ≢ \binom n2 ≢ \frac{n(n-1)}{2}
    |x-3| ≡ |3-x| ≡ \left|x-3\right| ≡ \lvert x-3\rvert ≡ abs(x-3) ≢ x-3 ≢ |x+3|
    \lfloor 3.7\rfloor ≡ 3 ≡ floor(3.7) ≢ \lceil 3.7\rceil ≢ 4
    x^{2/3} ≡ \sqrt[3]{x^2} ≡ (x^2)^{1/3} ≢ x^{3/2} ≢ \sqrt{x^3}
    101_2 ≡ 101_{2} ≡ 101_{\text{two}} ≡ 101 ≢ 5 ≢ 110_2 ≢ 101_3
    2^{10} ≡ 1024 ≡ 4^5 ≡ 2**10 ≢ 10^2 ≢ 2\cdot 10
    6! ≡ 720 ≡ 6\cdot5! ≡ 3!5! ≢ 6 ≢ 5!
    \frac{d}{dx}f ≢ \frac1x f ≢ \frac{f}{x}
    5 ≢ 5x ≢ 5_2 ≢ 55 ≢ \sqrt5 ≢ 5^2 ≢ -5 ≢ 5i ≢ 0.5 ≢ 5! ≢ |5x| ≢ (5,5)
    t = 13 ≡ \begin{aligned}t&=4+9\\&=13\end{aligned} ≡ \begin{align*}2t&=26\\t&=13\end{align*} ≢ \begin{aligned}t&=13\\&=4+8\end{aligned}
    \text{no solution} ≡ No solution ≡ \emptyset ≡ \text{no real solutions} ≢ 0 ≢ \text{one solution}
    \text{odd} ≢ \text{even} ≢ \text{not odd}
`,
};

interface Row {
  readonly gold: string;
  readonly equal: readonly string[];
  readonly different: readonly string[];
}

/** Signs that cannot be seen are written by their code. */
const readable = (text: string): string =>
  text.replace(/<U\+([0-9A-F]+)>/g, (_, code: string) => String.fromCodePoint(parseInt(code, 16)));

function rowsOf(table: string): Row[] {
  return table
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [gold = '', ...parts] = readable(line.trim()).split(/ (≡|≢) /);
      const marked = (mark: string): string[] => parts.filter((_part, at) => at % 2 === 1 && parts[at - 1] === mark);
      return { gold, equal: marked('≡'), different: marked('≢') };
    });
}

describe.each(Object.entries(TABLES))('%s', (_kind, table) => {
  it.each(rowsOf(table))('$gold equals its other forms and nothing else', ({ gold, equal, different }) => {
    expect(equal.filter((answer) => !compareAnswers(gold, answer).equal)).toEqual([]);
    expect(different.filter((answer) => compareAnswers(gold, answer).equal)).toEqual([]);
  });

  it('holds for votes, in which no side is the gold answer', () => {
    for (const { gold, equal } of rowsOf(table))
      for (const answer of equal) expect([gold, answer, sameAnswers(answer, gold)]).toEqual([gold, answer, true]);
  });
});
