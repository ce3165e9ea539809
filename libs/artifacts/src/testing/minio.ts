import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** MinIO's binary: HONE_MINIO, or the one on the PATH. */
export function findMinio(): string | undefined {
  const { HONE_MINIO: binary = 'minio' } = process.env;
  return spawnSync(binary, ['--version']).status === 0 ? binary : undefined;
}

/** What every server of the tests lets in. */
export const TEST_CREDENTIALS = { accessKeyId: 'hone-test-user', secretAccessKey: 'hone-test-password' };

/** Starts MinIO on a free port of loopback, on an empty folder. */
export async function startMinio(binary: string): Promise<{ endpoint: string; stop: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'hone-minio-'));
  const address = `127.0.0.1:${await freePort()}`;
  const { accessKeyId: MINIO_ROOT_USER, secretAccessKey: MINIO_ROOT_PASSWORD } = TEST_CREDENTIALS;
  const child = spawn(binary, ['server', '--quiet', '--address', address, folder], {
    env: { ...process.env, MINIO_ROOT_USER, MINIO_ROOT_PASSWORD, MINIO_BROWSER: 'off', HOME: folder },
    stdio: 'ignore',
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const endpoint = `http://${address}`;
  while (
    !(await fetch(`${endpoint}/minio/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null) throw new Error(`minio ended with ${child.exitCode}`);
    await delay(50);
  }
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  return { endpoint, stop };
}
