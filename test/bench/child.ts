/** Entry of a measured process: the task's name, and its settings as JSON. */
import { sample, type SampleTask } from './tasks/sample.ts';
import { preference, train, type PreferenceTask, type TrainTask } from './tasks/train.ts';

const [name, settings] = process.argv.slice(2) as [string, string];
const task: unknown = JSON.parse(settings);
if (name === 'sample') await sample(task as SampleTask);
else if (name === 'train') await train(task as TrainTask);
else if (name === 'preference') await preference(task as PreferenceTask);
else throw new Error(`unknown task ${name}`);
