/** What an operator adds to Hone without changing it: modules of a folder, each of which makes a recipe or an engine. */
export { openEngine, withEnginesOf, type EngineOptions, type EngineSettings, type EngineType } from './engines.ts';
export { moduleFunction, moduleLine, moduleName, withModulesOf, type ModuleFolder } from './load-modules.ts';
