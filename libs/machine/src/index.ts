/** What this process may use of the machine. */
export { readMachine, type Machine } from './machine.ts';
