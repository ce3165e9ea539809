import type { Engine, TrainingSpec, Violations } from '@hone/contracts';

/** What a spec may ask for that not every engine has, by the engine's capability. */
const NEEDS: readonly {
  readonly field: string;
  readonly capability: string;
  readonly isAsked: (spec: TrainingSpec) => boolean;
}[] = [
  { field: 'spec.lora', capability: 'lora', isAsked: ({ lora }) => lora !== undefined },
  {
    field: 'spec.recompute_activations',
    capability: 'recompute-activations',
    isAsked: ({ recomputeActivations }) => recomputeActivations,
  },
];

/** Refuses what the trainer's engine cannot do. */
export function checkForEngine(spec: TrainingSpec, { name, capabilities }: Engine, violations: Violations): void {
  for (const { field, capability, isAsked } of NEEDS)
    violations.require(
      !isAsked(spec) || capabilities.includes(capability),
      field,
      `must be left out: the engine ${name} cannot do it`,
    );
}
