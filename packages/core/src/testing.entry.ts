// In-memory client and server for the tests of an application.
export { createTestBed } from './testing/test-bed.ts';
export type { TestBed, TestBedOptions, TestServer } from './testing/test-bed.ts';

// Its parts.
export { ManualClock } from './testing/manual-clock.ts';
export { MemoryNetwork } from './testing/memory-network.ts';
export type { DropOptions, NetworkConditions, WireLogEntry } from './testing/memory-network.ts';
