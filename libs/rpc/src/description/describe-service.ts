/** Asking a server what it is and can do. */
import { DescribeRequest, DescriptionServiceClient, type ServiceDescription } from '@hone/contracts';
import { callUnary, connect, type TlsFiles } from '../client.ts';

/** What the service that a client is of says of itself. */
export const describeBy = (client: DescriptionServiceClient, timeoutMs: number): Promise<ServiceDescription> =>
  callUnary(client, 'describe', DescribeRequest.fromPartial({}), { timeoutMs });

/** What the service at `address` (host:port) says of itself. Throws where it does not answer within the time. */
export async function describeService(
  address: string,
  { timeoutMs = 3_000, tls }: { readonly timeoutMs?: number; readonly tls?: TlsFiles | undefined } = {},
): Promise<ServiceDescription> {
  const client = connect(DescriptionServiceClient, address, tls);
  try {
    return await describeBy(client, timeoutMs);
  } finally {
    client.close();
  }
}
