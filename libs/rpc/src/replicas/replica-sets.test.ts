import { expect, onTestFinished, test } from 'vitest';
import { ReplicaSets } from './replica-sets.ts';

function sets(): ReplicaSets {
  const made = new ReplicaSets({ own: { sampler: '127.0.0.1:1' } });
  onTestFinished(() => made.close());
  return made;
}

test('who names no server gets the own one, and who names the same server the same set', () => {
  const { own, named, other } = {
    own: sets(),
    named: { address: '127.0.0.1:2' },
    other: {
      address: '127.0.0.1:2',
      tls: { rootCertificateFile: '', clientCertificateFile: '', clientKeyFile: '', serverName: 'x' },
    },
  };
  expect(own.at('sampler').addresses).toBe('127.0.0.1:1');
  expect(own.at('sampler', { address: '' })).toBe(own.at('sampler'));
  expect(own.at('sampler', named)).toBe(own.at('sampler', { ...named }));
  expect(own.at('sampler', other)).not.toBe(own.at('sampler', named));
  expect(own.at('trainer', named)).not.toBe(own.at('sampler', named));
});

test('of very many servers that were named, those are looked after that were asked for last', () => {
  const all = sets();
  const first = all.at('sampler', { address: '127.0.0.1:1000' });
  for (let port = 1001; port < 1063; port++) all.at('sampler', { address: `127.0.0.1:${port}` });
  expect(all.at('sampler', { address: '127.0.0.1:1000' })).toBe(first);
  for (let port = 2000; port < 2064; port++) all.at('sampler', { address: `127.0.0.1:${port}` });
  expect(all.at('sampler', { address: '127.0.0.1:1000' })).not.toBe(first);
});
