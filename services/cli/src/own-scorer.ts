/** The scorer that a command asks: that of the platform that is up in this home, or one of its own for as long as it runs. */
import type { Home } from './home.ts';
import { findDeployment } from './deployment.ts';
import { livePlatform } from './live-platform.ts';
import { startSingle } from './processes.ts';

/** Runs `work` with the address of the home's scorer; no other service is started. */
export async function withOwnScorer<Result>(home: Home, work: (address: string) => Promise<Result>): Promise<Result> {
  if (home.server !== undefined) return work((await findDeployment(home.server)).scorer);
  const platform = await livePlatform(home);
  if (platform) return work(platform.addresses.scorer);
  const scorer = await startSingle('scorer', home);
  try {
    return await work(scorer.address);
  } finally {
    await scorer.stop();
  }
}
