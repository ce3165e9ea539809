import path from 'node:path';
import ts from 'typescript';
import { byProject, executors, root } from './batch.mjs';

const HOST = { getCurrentDirectory: () => root, getCanonicalFileName: (file) => file, getNewLine: () => '\n' };

/** One program over the sources of these projects; it reads what they import, and is not asked about it. */
function faultsIn(folders) {
  const configFile = path.join(root, 'tsconfig.json');
  const { config, error } = ts.readConfigFile(configFile, ts.sys.readFile);
  if (error) throw new Error(ts.formatDiagnostic(error, HOST));
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, root, undefined, configFile);
  const wanted = byProject(
    folders,
    fileNames.map((file) => ({ file, text: file })),
  );
  const sources = [...wanted.values()].flat();
  const program = ts.createProgram({ rootNames: sources, options });
  const found = [
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...sources.flatMap((file) => {
      const source = program.getSourceFile(file);
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    }),
  ];
  // What is wrong with the options is in no file: it is the first project's.
  const faults = found.map((fault) => ({
    file: fault.file?.fileName ?? sources[0],
    text: ts.formatDiagnostic(fault, HOST).trimEnd(),
  }));
  return byProject(folders, faults);
}

export const { one, all } = executors(faultsIn);
