import { PairBuilderServiceService, RuleServiceService } from '@hone/contracts';
import {
  bidiStream,
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
    ],
    dependencies: [dependency],
    close: async () => {},
  };
}
