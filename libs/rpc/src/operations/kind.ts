/** What a service's operations are made of. */
import type { Any } from '@hone/contracts';

/** What is needed of a generated message to put it into an Any. */
export interface MessageType<Message> {
  encode(message: Message): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Message;
}

/** What is needed of a generated message to keep it in a record. */
export interface RecordedType<Message> {
  toJSON(message: Message): unknown;
  fromJSON(value: unknown): Message;
}

/** Handle of running work. */
export interface RunningOperation<Metadata> {
  /** "operations/{id}". */
  readonly name: string;
  /** Aborted when somebody cancels the operation, or the server drains. */
  readonly signal: AbortSignal;
  /** What an earlier process published last, where this one goes on with the work. */
  readonly previous: Metadata | undefined;
  /** Whether an earlier process had begun. */
  readonly resumed: boolean;
  /** Publishes progress; what is behind that which was published already is left out. */
  report(metadata: Metadata): void;
}

/** Work of one kind, as a service does it on request. Going on with it after a restart is to do it again: it finds what it has saved. */
export interface OperationKind<Request, Metadata, Response> {
  /** The method that starts it: "hone.trainer.v1.TrainerService/Train". */
  readonly method: string;
  readonly request: RecordedType<Request>;
  readonly metadata: MessageType<Metadata>;
  readonly response: MessageType<Response>;
  /** Full names of both messages, for their Any: "hone.trainer.v1.TrainMetadata". */
  readonly typeNames: { readonly metadata: string; readonly response: string };
  /** How far the work is; never falls, though the work begin again at an earlier point. */
  progressOf(metadata: Metadata): number;
  work(request: Request, operation: RunningOperation<Metadata>): Promise<Response>;
}

/** A kind whose messages are its own affair. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a registry holds kinds of all messages
export type AnyKind = OperationKind<any, any, any>;

/** A message in an Any. */
export function pack<Message>(type: MessageType<Message>, typeName: string, message: Message): Any {
  return { typeUrl: `type.googleapis.com/${typeName}`, value: Buffer.from(type.encode(message).finish()) };
}
