import { useEffect, useLayoutEffect } from 'react';

/**
 * An effect that runs inside the commit, so that no message can arrive between mounting and listening.
 *
 * React 18 warns about layout effects in server rendering, where no effect runs anyway.
 */
export const useCommitEffect: typeof useEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect;
