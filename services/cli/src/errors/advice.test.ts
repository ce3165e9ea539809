import { expect, it } from 'vitest';
import { hone } from './advice.ts';

it.each([
  [['node', 'hone', 'up'], 'hone runs resume r1'],
  [['node', 'hone', '--home', '/data/h', 'up'], 'hone --home /data/h runs resume r1'],
  [['node', 'hone', '--home=my home', 'up'], "hone --home 'my home' runs resume r1"],
  [['node', 'hone', '--server', 'host:1', 'runs', 'list'], 'hone --server host:1 runs resume r1'],
  [['node', 'hone', '--home', "o'h", 'up'], String.raw`hone --home 'o'\''h' runs resume r1`],
])('what to type next is for the same home: %j', (argv, command) => {
  expect(hone('runs resume r1', argv)).toBe(command);
});
