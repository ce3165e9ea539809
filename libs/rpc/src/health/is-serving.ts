/** Asking a server how it is. */
import { HealthClient } from '@hone/contracts';
import { callUnary, connect, type TlsFiles } from '../client.ts';

/** Whether the server at `address` answers SERVING within the time, for all that it serves. */
export async function isServing(address: string, timeoutMs = 2_000, tls?: TlsFiles): Promise<boolean> {
  const client = connect(HealthClient, address, tls);
  try {
    const { status } = await callUnary(client, 'check', { service: '' }, { timeoutMs });
    return status === 'SERVING';
  } catch {
    return false;
  } finally {
    client.close();
  }
}
