/**
 * Whether this is the build for production browsers, whose sockets limit messages by themselves, show nothing of a refused
 * upgrade, and report every error by a close as well, and whose timers stop when the page is hidden; replaced in that build:
 * see scripts/build.
 */
export const browserOnly: boolean = false;
