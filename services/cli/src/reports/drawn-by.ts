const nameOf = (precision: string): string => precision.replace('WEIGHT_PRECISION_', '').toLowerCase();

/** Which engines drew completions, and in what precisions: "onnxruntime fp32"; empty where nothing is known. */
export const drawnBy = (engines: readonly string[], precisions: readonly string[]): string =>
  [engines.join(' + '), precisions.map(nameOf).join(' + ')].filter(Boolean).join(' ');
