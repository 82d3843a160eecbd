// For applications
export { bindHooks } from './bind-hooks.ts';

// Types of what the hooks take and return
export type { Hooks, LastMessageOptions, MessagesOptions, SocketProviderProps } from './hooks-surface.ts';
export type { CallFunctions, CallState, FailedCall, IdleCall, PendingCall, SucceededCall } from './call-state.ts';
export type { UseCallOptions } from './call-store.ts';
export type { Batch } from './message-list.ts';
