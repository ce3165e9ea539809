/** SVG as PNG, with a font of its own: the same pixels on every machine, also where no font is installed. */
import { createRequire } from 'node:module';

const FONT_FILE = 'dejavu-fonts-ttf/ttf/DejaVuSans.ttf';
/** Pixels a unit of the SVG: sharp on dense screens. */
const ZOOM = 2;

export async function pngOf(svg: string): Promise<Buffer> {
  const { Resvg } = await import('@resvg/resvg-js');
  const fontFile = createRequire(import.meta.url).resolve(FONT_FILE);
  const drawing = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: ZOOM },
    font: { fontFiles: [fontFile], loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' },
  });
  return drawing.render().asPng();
}
