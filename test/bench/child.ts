/** Entry of a measured process: the task's name, and its settings as JSON. */
import { samplePhase, trainPhase, type SamplePhase, type TrainPhase } from './tasks/iteration.ts';
import { sample, type SampleTask } from './tasks/sample.ts';
import { preference, train, type PreferenceTask, type TrainTask } from './tasks/train.ts';

const [name, settings] = process.argv.slice(2) as [string, string];
const task: unknown = JSON.parse(settings);
if (name === 'sample') await sample(task as SampleTask);
else if (name === 'train') await train(task as TrainTask);
else if (name === 'preference') await preference(task as PreferenceTask);
else if (name === 'sample-phase') await samplePhase(task as SamplePhase);
else if (name === 'train-phase') await trainPhase(task as TrainPhase);
else throw new Error(`unknown task ${name}`);
