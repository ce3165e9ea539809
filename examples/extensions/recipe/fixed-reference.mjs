/**
 * A recipe of one's own: IRPO whose reference stays M_0 for the whole run, in place of following the model. It is given what it needs,
 * and imports nothing.
 */
export default ({ z, defineRecipe, loopKeys, ruleSettings, preferenceTraining, checkLoop, warmUp, conclude }) =>
  defineRecipe({
    name: 'fixed-reference',
    version: 1,
    summary: 'IRPO whose reference stays M_0: every model is held near the first one.',
    paper: 'DPO, arXiv 2305.18290, on new pairs in every iteration',
    settings: z.strictObject({
      ...loopKeys,
      pairs: ruleSettings('cycle', 'pairs').prefault({}).describe('How samples become preference pairs.'),
      training: preferenceTraining.prefault({}).describe('How M_t+1 is trained from M_t, against M_0.'),
      follow_after: z
        .number()
        .int()
        .min(0)
        .default(0)
        .describe('Iterations after which the reference follows the model, as in IRPO; 0 means never.'),
    }),
    check: checkLoop,
    async run(loop, settings) {
      const first = await warmUp(loop.iteration(0), loop.base, settings);
      let model = first;
      let goOn = await conclude(loop.iteration(0), model, settings);
      for (let t = 1; t <= settings.iterations && goOn; t++) {
        const step = loop.iteration(t);
        const follows = settings.follow_after > 0 && t > settings.follow_after;
        const judged = await step.score(await step.sample(model, settings));
        const dataset = await step.build(judged, settings.pairs);
        const reference = follows ? model : first;
        model = await step.train({ start: model, reference, dataset, training: settings.training });
        goOn = await conclude(step, model, settings);
      }
    },
  });
