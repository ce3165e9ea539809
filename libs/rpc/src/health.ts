/** Asking a server how it is. */
import { makeGenericClientConstructor, type ServiceDefinition, type ServiceError } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import { clientCredentials, type TlsFiles } from './client.ts';

const HealthClient = makeGenericClientConstructor(service as ServiceDefinition, 'Health');

/** Whether the server at `address` answers SERVING within the time. */
export function isServing(address: string, timeoutMs = 2_000, tls?: TlsFiles): Promise<boolean> {
  const { channelCredentials, options } = clientCredentials(tls);
  const client = new HealthClient(address, channelCredentials, options);
  return new Promise((resolve) => {
    const check = client['check'] as unknown as (
      request: { service: string },
      options: { deadline: number },
      callback: (error: ServiceError | null, response?: { status: string }) => void,
    ) => void;
    check.call(client, { service: '' }, { deadline: Date.now() + timeoutMs }, (error, response) => {
      client.close();
      resolve(!error && response?.status === 'SERVING');
    });
  });
}
