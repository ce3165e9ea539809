/** Asking a server by reflection what it serves. */
import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import {
  makeGenericClientConstructor,
  status as GrpcStatus,
  type ClientDuplexStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { clientCredentials, type TlsFiles } from './client.ts';
import { fromServiceError } from './status.ts';

/** The current version, and the one that older libraries have. */
const VERSIONS = ['v1', 'v1alpha'] as const;

/** ServerReflectionRequest.list_services. */
const request = (): Buffer => Buffer.from(new BinaryWriter().tag(7, 2).string('').finish());

/** The bytes of every field of that number in a message. */
function fields(message: Uint8Array, wanted: number): Uint8Array[] {
  const reader = new BinaryReader(message);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === wanted && wireType === 2) found.push(reader.bytes());
    else reader.skip(wireType);
  }
  return found;
}

/** Names in ServerReflectionResponse.list_services_response.service[].name. */
const namesIn = (response: Buffer): string[] =>
  fields(response, 6)
    .flatMap((list) => fields(list, 1))
    .flatMap((service) => fields(service, 1))
    .map((name) => Buffer.from(name).toString('utf8'));

function ask(version: string, address: string, timeoutMs: number, tls?: TlsFiles): Promise<string[]> {
  const same = (bytes: Buffer): Buffer => bytes;
  const Client = makeGenericClientConstructor(
    {
      info: {
        path: `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
        requestStream: true,
        responseStream: true,
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    },
    'ServerReflection',
  );
  const { channelCredentials, options } = clientCredentials(tls);
  const client = new Client(address, channelCredentials, options);
  const info = client['info'] as unknown as (options: { deadline: number }) => ClientDuplexStream<Buffer, Buffer>;
  const call = info.call(client, { deadline: Date.now() + timeoutMs });
  return new Promise<string[]>((resolve, reject) => {
    call.once('data', (response: Buffer) => resolve(namesIn(response)));
    call.once('error', reject);
    call.once('end', () => resolve([]));
    call.write(request());
  }).finally(() => {
    call.cancel();
    client.close();
  });
}

/** Fully qualified names of the services that the server at `address` tells of. */
export async function listServices(address: string, timeoutMs = 5_000, tls?: TlsFiles): Promise<string[]> {
  for (const version of VERSIONS) {
    try {
      return await ask(version, address, timeoutMs, tls);
    } catch (thrown) {
      const error = thrown as ServiceError;
      const isOther = error.code === GrpcStatus.UNIMPLEMENTED && version !== VERSIONS.at(-1);
      if (!isOther) throw fromServiceError(error, address);
    }
  }
  return [];
}
