import { invalidArgument } from '@hone/errors';

/**
 * pass@k: probability that at least one of k samples, drawn without replacement from n of which c are right, is right:
 * 1 - C(n-c, k) / C(n, k) (Chen et al., arXiv 2107.03374, equation 1), in the product form that does not overflow.
 */
export function passAtK(n: number, c: number, k: number): number {
  const whole = [n, c, k].every((value) => Number.isInteger(value));
  if (!whole || c < 0 || c > n) throw invalidArgument('c', `must be a whole number from 0 to n (${n}), but is ${c}`);
  if (k < 1 || k > n) throw invalidArgument('k', `must be from 1 to the ${n} samples, but is ${k}`);
  if (n - c < k) return 1;
  let fails = 1;
  for (let i = n - c + 1; i <= n; i++) fails *= 1 - k / i;
  return 1 - fails;
}
