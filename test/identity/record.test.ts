import { expect, it } from 'vitest';
import { cpuOf, whyUnlike } from './conditions.ts';
import { differences, readRecord } from './record.ts';

const CPU_INFORMATION = 'processor\t: 0\nflags\t\t: fpu sse4_1 avx2 fma avx\n\nprocessor\t: 1\nflags\t\t: fpu\n';

it('a CPU is known by the features that kernels are chosen by, sorted', () => {
  expect(cpuOf(CPU_INFORMATION).features).toBe('avx avx2 fma sse4_1');
  expect(cpuOf('Features : fp asimd asimddp').features).toBe('asimd asimddp');
  expect(cpuOf('').features).toBe('');
});

it('another CPU than that of the record is told with what sets it apart', () => {
  const { conditions } = readRecord();
  const cpu = { architecture: 'x64', features: 'avx avx2' };
  const recorded = { ...conditions, cpu };
  expect(whyUnlike(recorded, cpu)).toBeUndefined();
  expect(whyUnlike(recorded, { ...cpu, features: 'avx avx512f' })).toMatch(/lacks avx2 and has avx512f$/);
  expect(whyUnlike(recorded, { ...cpu, architecture: 'arm64' })).toMatch(/made on x64, and this is arm64/);
  expect(whyUnlike(recorded, { ...cpu, features: '' })).toMatch(/does not tell/);
});

it('what differs is named by its place, what is missing too', () => {
  const recorded = { base: 'a', iterations: [{ pairs: 'b' }, { pairs: 'c' }] };
  expect(differences(recorded, structuredClone(recorded))).toEqual([]);
  expect(differences(recorded, { base: 'a', iterations: [{ pairs: 'x' }] }, 'sums')).toEqual([
    'sums.iterations.0.pairs: recorded "b", found "x"',
    'sums.iterations.1: recorded {"pairs":"c"}, found nothing',
  ]);
});
