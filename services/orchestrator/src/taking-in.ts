/** Calls that see the checkpoints which trainers made outside of runs. */
import { takeInCheckpoints, type RegistryPlaces } from '@hone/registry';
import { failureFields, type ServiceOptions } from '@hone/rpc';

type Handler = (...given: never[]) => void;

/** Makes handlers look for new checkpoints before they answer. That they cannot be taken in is logged, and no fault of a call. */
export function takingIn(places: RegistryPlaces, logger: ServiceOptions['logger'] | undefined) {
  const onFault = (thrown: unknown): void =>
    logger?.warn(failureFields(thrown), 'a checkpoint that was made outside of runs is not in the register yet');
  let underWay: Promise<void> | undefined;
  const takeIn = (): Promise<void> =>
    (underWay ??= takeInCheckpoints(places, onFault)
      .catch(onFault)
      .finally(() => (underWay = undefined)));
  const before = <One extends Handler>(handler: One): One =>
    ((...given: Parameters<One>) => {
      // What was made since a look began that is under way is found by another look.
      void (underWay ?? Promise.resolve()).then(takeIn).then(() => handler(...given));
    }) as One;
  return <Handlers extends Readonly<Record<string, Handler>>>(handlers: Handlers): Handlers =>
    Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, before(handler)])) as Handlers;
}
