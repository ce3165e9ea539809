/**
 * Requests that are no message of their type. Of a deserialiser that throws, gRPC makes INTERNAL, as if the server were to blame; here
 * the fault is found and becomes INVALID_ARGUMENT.
 */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { excerpt, invalidArgument, type HoneError } from '@hone/errors';
import { contractTypes, ProtoKind, type FieldType } from './descriptors.ts';

/** Stands for a request that could not be read. */
class Malformed {
  constructor(readonly error: HoneError) {}
}

/** The request that a call brought; throws where it could not be read. */
export function wellFormedRequest<Request>(request: Request): Request {
  if (request instanceof Malformed) throw request.error;
  return request;
}

const sizes = new WeakMap<object, number>();

/** Bytes that a request had on the wire. */
export function sizeOfRequest(request: unknown): number {
  return typeof request === 'object' && request !== null ? (sizes.get(request) ?? 0) : 0;
}

/** Fields that are named, and elements of lists, by the way to them: "spec.warm_up[2].training". */
function* enumProblems(bytes: Uint8Array, type: string, path: string): Generator<HoneError> {
  const { messages, enums } = contractTypes();
  const reader = new BinaryReader(bytes);
  const seen = new Map<number, number>();
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const field = messages.get(type)?.get(number);
    const index = seen.get(number) ?? 0;
    seen.set(number, index + 1);
    const at = field && `${path}${field.name}${field.repeated ? `[${index}]` : ''}`;
    if (field?.kind === ProtoKind.MESSAGE && wireType === WireType.LengthDelimited)
      yield* enumProblems(reader.bytes(), field.typeName, `${at}.`);
    else if (field?.kind === ProtoKind.ENUM && wireType === WireType.Varint) {
      const value = reader.int32();
      const known = enums.get(field.typeName);
      if (known && !known.has(value)) yield invalidArgument(at!, unknownValue(field, value));
    } else reader.skip(wireType, number);
  }
}

function unknownValue({ typeName }: FieldType, value: number): string {
  const known = [...contractTypes().enums.get(typeName)!].map(([number, name]) => `${name} (${number})`);
  return `must be one of ${known.join(', ')}, but is ${value}`;
}

/** What is wrong with bytes that could not be read. */
function problemIn(bytes: Uint8Array, path: string, cause: unknown): HoneError {
  const type = contractTypes().methods.get(path)?.input ?? '';
  try {
    for (const problem of enumProblems(bytes, type, '')) return problem;
  } catch {
    // It is no sequence of fields at all.
  }
  return invalidArgument('request', `must be a message of type ${type || 'its method'}`, cause);
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Where a text of the message holds NUL; undefined where none does. */
function pathOfNul(value: unknown, path: string): string | undefined {
  if (typeof value === 'string') return value.includes('\0') ? path : undefined;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined;
  for (const [key, part] of Object.entries(value)) {
    const { name, held } = memberOf(key, part);
    const at = Array.isArray(value) ? `${path}[${key}]` : `${path && `${path}.`}${name}`;
    if (key.includes('\0')) return at;
    const found = pathOfNul(held, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A field as the proto names it; of a oneof, which generated code writes as { $case, value }, the member that is set. */
function memberOf(key: string, part: unknown): { readonly name: string; readonly held: unknown } {
  if (typeof part === 'object' && part !== null && '$case' in part && 'value' in part)
    return { name: snakeCase(String(part.$case)), held: part.value };
  return { name: snakeCase(excerpt(key, 80)), held: part };
}

/** What a service asks of its requests beside being well-formed. */
export interface RequestDemands {
  /** Refuse texts with the character NUL, which PostgreSQL cannot hold. */
  readonly withoutNul?: boolean;
}

/** The service with deserialisers that never throw. */
export function readingSafely(definition: ServiceDefinition, demands: RequestDemands = {}): ServiceDefinition {
  const methods = Object.entries(definition).map(([name, method]) => {
    const requestDeserialize = (bytes: Buffer): unknown => {
      try {
        const request = method.requestDeserialize(bytes) as object;
        sizes.set(request, bytes.length);
        const path = demands.withoutNul ? pathOfNul(request, '') : undefined;
        if (path === undefined) return request;
        return new Malformed(invalidArgument(path, 'must not hold the character NUL'));
      } catch (thrown) {
        return new Malformed(problemIn(bytes, method.path, thrown));
      }
    };
    return [name, { ...method, requestDeserialize }] as const;
  });
  return Object.fromEntries(methods);
}
