/** A service that needs no other, for a command: that of the platform that is up in this home, or one of its own for as long as it runs. */
import type { Role } from '@hone/rpc';
import { findDeployment } from './deployment.ts';
import type { Home } from './home.ts';
import { livePlatform } from './live-platform.ts';
import { startSingle } from './processes.ts';

/** Runs `work` with the address of the home's service of this role; no other service is started. */
export async function withOwnService<Result>(
  home: Home,
  role: Extract<Role, 'scorer' | 'pair-builder'>,
  work: (address: string) => Promise<Result>,
): Promise<Result> {
  if (home.server !== undefined) return work((await findDeployment(home.server))[role]);
  const platform = await livePlatform(home);
  if (platform) return work(platform.addresses[role]);
  const service = await startSingle(role, home);
  try {
    return await work(service.address);
  } finally {
    await service.stop();
  }
}
