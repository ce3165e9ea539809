export * from './context.ts';
export * from './failure.ts';
export * from './logger.ts';
