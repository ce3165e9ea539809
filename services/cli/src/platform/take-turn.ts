/** Whose turn it is in a home: one set of services at a time has its database. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Home, Platform } from './home.ts';
import { livePlatform } from './live-platform.ts';

/** The services that are up, or the right to start some. */
export type Turn =
  | { readonly platform: Platform }
  | {
      readonly platform?: undefined;
      /** Lets others look again: services are noted, or were not started. */
      readonly started: () => void;
    };

export interface TurnOptions {
  /**
   * Whether services must last as long as the command: then those that another command has started for itself, and takes with
   * it, are waited out, not used.
   */
  readonly whole: boolean;
  /** Told what is waited for, at once and every ten seconds. */
  readonly onWait: (line: string) => void;
}

const PAUSE_MS = 200;
const NOTICE_MS = 10_000;
/** A wait that is over by then needs no words. */
const FIRST_NOTICE_MS = 1_000;

/** Waits until services that fit are up, or until this command may start its own. */
export async function takeTurn(home: Home, { whole, onWait }: TurnOptions): Promise<Turn> {
  const since = performance.now();
  let noticeAt = since + FIRST_NOTICE_MS;
  for (;;) {
    const platform = await livePlatform(home);
    if (platform && !(whole && platform.command !== undefined)) return { platform };
    const started = platform ? undefined : home.lockStart();
    // Whoever held the lock before may have noted services since the first look.
    if (started) {
      if (!(await livePlatform(home))) return { started };
      started();
    }
    if (performance.now() >= noticeAt) {
      noticeAt = performance.now() + NOTICE_MS;
      onWait(waitLine(home, platform, (performance.now() - since) / 1000));
    }
    await sleep(PAUSE_MS);
  }
}

function waitLine(home: Home, platform: Platform | undefined, seconds: number): string {
  const what = platform ? `hone ${platform.command} (process ${platform.pid})` : 'another command that starts services';
  return `waiting for ${what} in ${home.root}, ${seconds.toFixed(0)} s; hone up gives commands services to share`;
}
