/** Writes the plots of a comparison into a folder. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { plotsOf, plotSvg, pngOf, type ComparisonResult } from '@hone/comparison';

/** A plot that was written, as SVG and beside it as PNG. */
export interface WrittenPlot {
  readonly title: string;
  readonly svg: string;
  readonly png: string;
}

export async function writePlots(result: ComparisonResult, folder: string): Promise<WrittenPlot[]> {
  mkdirSync(folder, { recursive: true });
  const written: WrittenPlot[] = [];
  for (const [name, plot] of Object.entries(plotsOf(result))) {
    const [svg, png] = [path.join(folder, `${name}.svg`), path.join(folder, `${name}.png`)];
    const drawing = await plotSvg(plot);
    writeFileSync(svg, drawing);
    writeFileSync(png, await pngOf(drawing));
    written.push({ title: plot.title, svg, png });
  }
  return written;
}
