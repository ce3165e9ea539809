/** What a command shows on a terminal, or where there is none: text, tables, progress, signs of life; and how it is stopped. */
export { withHeartbeat } from './heartbeat.ts';
export { interruptCode, onInterrupt, untilInterrupted } from './interrupt.ts';
export { gibibytes, mebibytes, moment, percent, seconds, shortName } from './numbers.ts';
export { Output } from './output.ts';
export { makeProgress, type Progress } from './progress.ts';
export { table } from './table.ts';
export { prose, wrap } from './text.ts';
export { Tick } from './tick.ts';
export { canRewrite, columnsOf, helpWidth, oneLine, type Screen } from './width.ts';
