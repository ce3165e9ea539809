/**
 * The contracts' types by their full names, read from the descriptor set that they were generated with. Read by hand: generated
 * code fills in what is absent, and so cannot tell a field outside of any oneof from one in the first.
 */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { DESCRIPTOR_SET } from '@hone/contracts';

/** google.protobuf.FieldDescriptorProto.Type, those that are read here. */
export const ProtoKind = { BOOL: 8, STRING: 9, MESSAGE: 11, BYTES: 12, ENUM: 14 } as const;

/** A field of a message. */
export interface FieldType {
  /** As in the proto: snake_case. */
  readonly name: string;
  readonly number: number;
  /** google.protobuf.FieldDescriptorProto.Type. */
  readonly kind: number;
  readonly repeated: boolean;
  /** Full name of the message or enum that it holds; empty for a scalar. */
  readonly typeName: string;
}

/** A method of a service. */
export interface MethodType {
  /** "/hone.x.v1.XService/Method". */
  readonly path: string;
  /** Full name of the request's message type. */
  readonly input: string;
  readonly clientStreaming: boolean;
  readonly serverStreaming: boolean;
}

/** All types of the contracts, by their full names; an entry of a map is a message with the fields `key` and `value`. */
export interface ContractTypes {
  readonly messages: Map<string, ReadonlyMap<number, FieldType>>;
  /** Names of enums' values by their numbers. */
  readonly enums: Map<string, ReadonlyMap<number, string>>;
  readonly methods: Map<string, MethodType>;
}

/** A message's fields as they stand on the wire. */
class Raw {
  private readonly values = new Map<number, (Uint8Array | number)[]>();

  constructor(bytes: Uint8Array) {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [number, wireType] = reader.tag();
      if (wireType === WireType.LengthDelimited) this.add(number, reader.bytes());
      else if (wireType === WireType.Varint) this.add(number, reader.int32());
      else reader.skip(wireType);
    }
  }

  messages(number: number): Raw[] {
    return (this.values.get(number) ?? []).map((value) => new Raw(value as Uint8Array));
  }

  text(number: number): string {
    return Buffer.from((this.values.get(number)?.at(-1) as Uint8Array | undefined) ?? []).toString('utf8');
  }

  number(number: number): number {
    return (this.values.get(number)?.at(-1) as number | undefined) ?? 0;
  }

  private add(number: number, value: Uint8Array | number): void {
    const known = this.values.get(number);
    if (known) known.push(value);
    else this.values.set(number, [value]);
  }
}

const LABEL_REPEATED = 3;
const referenced = (typeName: string): string => typeName.replace(/^\./, '');

function fieldType(field: Raw): FieldType {
  return {
    name: field.text(1),
    number: field.number(3),
    kind: field.number(5),
    repeated: field.number(4) === LABEL_REPEATED,
    typeName: referenced(field.text(6)),
  };
}

function addEnum(scope: string, type: Raw, { enums }: ContractTypes): void {
  enums.set(`${scope}.${type.text(1)}`, new Map(type.messages(2).map((value) => [value.number(2), value.text(1)])));
}

function addMessage(scope: string, message: Raw, types: ContractTypes): void {
  const name = `${scope}.${message.text(1)}`;
  const fields = message.messages(2).map(fieldType);
  types.messages.set(name, new Map(fields.map((field) => [field.number, field])));
  for (const nested of message.messages(3)) addMessage(name, nested, types);
  for (const nested of message.messages(4)) addEnum(name, nested, types);
}

function addService(scope: string, service: Raw, { methods }: ContractTypes): void {
  for (const method of service.messages(2)) {
    const path = `/${scope}.${service.text(1)}/${method.text(1)}`;
    const input = referenced(method.text(2));
    methods.set(path, {
      path,
      input,
      clientStreaming: method.number(5) === 1,
      serverStreaming: method.number(6) === 1,
    });
  }
}

function readTypes(): ContractTypes {
  const types: ContractTypes = { messages: new Map(), enums: new Map(), methods: new Map() };
  for (const file of new Raw(Buffer.from(DESCRIPTOR_SET, 'base64')).messages(1)) {
    const scope = file.text(2);
    for (const message of file.messages(4)) addMessage(scope, message, types);
    for (const type of file.messages(5)) addEnum(scope, type, types);
    for (const service of file.messages(6)) addService(scope, service, types);
  }
  return types;
}

let types: ContractTypes | undefined;

/** The types, read at the first call. */
export const contractTypes = (): ContractTypes => (types ??= readTypes());
