import { Deployment, OrchestratorServiceService } from '@hone/contracts';
import { startServer, unary } from '@hone/rpc';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findDeployment, seenFrom, serverOf } from './deployment.ts';

afterEach(() => void vi.unstubAllEnvs());

const NAMES = Object.keys(OrchestratorServiceService) as (keyof typeof OrchestratorServiceService)[];

/** An orchestrator that knows of these services and does nothing else. */
async function orchestrator(services: { role: string; address: string }[]) {
  const unused = unary(async () => Promise.reject(new Error('not used')));
  const implementation = {
    ...Object.fromEntries(NAMES.map((name) => [name, unused])),
    getDeployment: unary(async () => Deployment.fromPartial({ services })),
  };
  return startServer({
    address: '127.0.0.1:0',
    services: [{ definition: OrchestratorServiceService, implementation }],
  });
}

describe('--server', () => {
  it('is host:port, and nothing where it is not given', () => {
    for (const good of ['host:1', '10.0.0.1:50056', 'a.example.org:65535', '[::1]:5'])
      expect(serverOf(good)).toBe(good);
    for (const absent of [undefined, '']) expect(serverOf(absent)).toBeUndefined();
    for (const bad of ['host', 'host:', ':1', 'http://host:1', 'a b:1', 'host:70000', '::1:5', 'host:1/x'])
      expect(() => serverOf(bad)).toThrow(/^--server: must be host:port/);
  });

  it('a loopback address of the orchestrator is its own machine', () => {
    expect(seenFrom('far:1', '127.0.0.1:5')).toBe('far:5');
    expect(seenFrom('far:1', 'localhost:5')).toBe('far:5');
    expect(seenFrom('[2001:db8::1]:1', '[::1]:5')).toBe('[2001:db8::1]:5');
    expect(seenFrom('far:1', 'sampler.internal:5')).toBe('sampler.internal:5');
  });

  it('the orchestrator says where the others are; variables say it better', async () => {
    const roles = ['sampler', 'scorer', 'pair-builder', 'trainer', 'evaluator'];
    const services = roles.map((role, index) => ({ role, address: `${role}.internal:${index + 1}` }));
    const server = await orchestrator(services);
    try {
      vi.stubEnv('HONE_PAIR_BUILDER_ADDRESS', 'elsewhere:9');
      expect(await findDeployment(server.address)).toEqual({
        ...{ sampler: 'sampler.internal:1', scorer: 'scorer.internal:2', 'pair-builder': 'elsewhere:9' },
        ...{ trainer: 'trainer.internal:4', evaluator: 'evaluator.internal:5', orchestrator: server.address },
      });
    } finally {
      await server.close();
    }
  });

  it('where nobody answers says so', async () => {
    await expect(findDeployment('127.0.0.1:1')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/^no orchestrator answers at 127\.0\.0\.1:1/) as string,
    });
  });
});
