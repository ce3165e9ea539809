import { HoneError } from '@hone/errors';
import { describe, expect, it } from 'vitest';
import { serviceWait, WaitFilter } from './waiting.ts';

const ADDRESSES = { sampler: 'a:1', scorer: 'a:2', pairBuilder: 'a:3', trainer: 'a:4', evaluator: 'a:5' };

function waitOf(service: keyof typeof ADDRESSES, address?: string) {
  const metadata = address === undefined ? {} : { address };
  const error = HoneError.received({ code: 'UNAVAILABLE', reason: 'UNAVAILABLE', message: 'refused', metadata });
  return serviceWait(service, ADDRESSES, { error, attempt: 4, pauseMs: 8000 });
}

describe('a wait for a service', () => {
  it('names the service, where it was called, the try and the pause', () => {
    expect(waitOf('pairBuilder')).toEqual({
      ...{ service: 'pair-builder', address: 'a:3', attempt: 4, nextTrySeconds: 8 },
      ...{ code: 'UNAVAILABLE', reason: 'UNAVAILABLE', message: 'refused' },
    });
  });

  it('names a scorer elsewhere, and the service that the evaluator waits for', () => {
    expect(waitOf('scorer', 'b:9')).toMatchObject({ service: 'scorer', address: 'b:9' });
    expect(waitOf('evaluator', 'a:1')).toMatchObject({ service: 'sampler', address: 'a:1' });
    expect(waitOf('evaluator', 'b:9')).toMatchObject({ service: 'scorer', address: 'b:9' });
  });

  it('of one replica names its service', () => {
    const addresses = { ...ADDRESSES, sampler: 'a:1,a:6', trainer: 'a:4,a:7' };
    const error = (address: string) =>
      HoneError.received({ code: 'UNAVAILABLE', reason: 'UNAVAILABLE', message: 'refused', metadata: { address } });
    const wait = (address: string) =>
      serviceWait('evaluator', addresses, { error: error(address), attempt: 1, pauseMs: 1 });
    expect(wait('a:6')).toMatchObject({ service: 'sampler', address: 'a:6' });
    expect(wait('a:7')).toMatchObject({ service: 'trainer', address: 'a:7' });
  });

  it('is told once where several calls fail at the same time, and again with the next try', () => {
    const filter = new WaitFilter();
    const news = (at: number, wait = waitOf('scorer')): boolean => filter.isNews(wait, at);
    expect([news(0), news(10), news(7000), news(8000), news(8001)]).toEqual([true, false, false, true, false]);
    expect(news(8002, waitOf('sampler'))).toBe(true);
  });
});
