// For applications
export { toRx } from './to-rx.ts';
export type { Rx } from './rx-surface.ts';
export type { SinkOptions } from './sink.ts';
