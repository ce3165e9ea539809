/** Calls that see the checkpoints which trainers made outside of runs. */
import { registerNotedCheckpoints, type RegistryContext } from '@hone/registry';
import { failureFields, type ServiceOptions } from '@hone/rpc';

type Handler = (...given: never[]) => void;

/** Makes handlers look for new checkpoints before they answer. That they cannot be registered is logged, and no fault of a call. */
export function withNewCheckpoints(context: RegistryContext, logger: ServiceOptions['logger'] | undefined) {
  const onFault = (thrown: unknown): void =>
    logger?.warn(failureFields(thrown), 'a checkpoint that was made outside of runs is not in the register yet');
  let underWay: Promise<void> | undefined;
  const register = (): Promise<void> =>
    (underWay ??= registerNotedCheckpoints(context, onFault)
      .catch(onFault)
      .finally(() => (underWay = undefined)));
  const before = <One extends Handler>(handler: One): One =>
    ((...given: Parameters<One>) => {
      // What was made since a look began that is under way is found by another look.
      void (underWay ?? Promise.resolve()).then(register).then(() => handler(...given));
    }) as One;
  return <Handlers extends Readonly<Record<string, Handler>>>(handlers: Handlers): Handlers =>
    Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, before(handler)])) as Handlers;
}
