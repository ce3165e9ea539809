/** What vitest runs before any test: a file that was just put into a registry's folder is in its list. */
import { generate } from './generate.mjs';

export default () => void generate();
