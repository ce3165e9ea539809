import { PairBuilderServiceService, RuleServiceService } from '@hone/contracts';
import {
  bidiStream,
  descriptionOf,
  descriptionService,
  openStore,
  ruleReach,
  serverStream,
  unary,
  type ReachSettings,
  type ServiceOptions,
  type ServiceParts,
} from '@hone/rpc';
import { applyRule } from './apply-rule.ts';
import { buildDatasetWith } from './build-dataset.ts';
import { checkRuleWith } from './check-rule.ts';
import { listRules } from './list-rules.ts';

/** A dataset is built with all that the store gives. */
const CAPACITY = 1;

/** The pair builder: rules over a stream, and over what lies in the store. It has no state, so that any number of replicas answer alike. */
export async function createPairBuilderService(
  options: Pick<ServiceOptions, 'storeDir' | 'logger'> & ReachSettings,
): Promise<ServiceParts> {
  const { store, dependency } = await openStore(options);
  const reach = ruleReach(options);
  const rules = { listRules: unary(listRules), applyRule: bidiStream(applyRule) };
  const builder = {
    buildDataset: serverStream(buildDatasetWith({ store, reach })),
    checkRule: unary(checkRuleWith(reach)),
  };
  return {
    services: [
      { definition: PairBuilderServiceService, implementation: builder },
      { definition: RuleServiceService, implementation: rules },
      descriptionService(descriptionOf('pair-builder', { capacity: CAPACITY })),
    ],
    dependencies: [dependency],
    close: async () => {},
  };
}
