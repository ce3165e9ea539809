/** Server reflection from the descriptor set that the contracts were generated with. */
import { ReflectionService } from '@grpc/reflection';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { DESCRIPTOR_SET } from '@hone/contracts';

/** Field 1 of google.protobuf.FileDescriptorSet, each entry still encoded: reflection sends them on as they are. */
function encodedFiles(descriptorSet: Uint8Array): Buffer[] {
  const reader = new BinaryReader(descriptorSet);
  const files: Buffer[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) files.push(Buffer.from(reader.bytes()));
    else reader.skip(wireType);
  }
  return files;
}

/**
 * Reflection for the given services, and health among them, because clients such as grpcurl look it up before they call it. What the
 * details of an error are made of is described too.
 */
export function reflectionFor(services: readonly string[]): ReflectionService {
  const described = {
    contracts: { fileDescriptorProtos: encodedFiles(Buffer.from(DESCRIPTOR_SET, 'base64')) },
  } as unknown as ConstructorParameters<typeof ReflectionService>[0];
  return new ReflectionService(described, { services: [...services, 'grpc.health.v1.Health'] });
}
