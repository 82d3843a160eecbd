/** What production browsers do without or have of their own, by the end of the module's path. */
const answers = {
  // Whether errors carry their prose.
  'shared/explain.ts': 'export const explain = false;',
  // Whether sockets are those of browsers.
  'shared/platform.ts': 'export const browserOnly = true; export const nodeBuffer = undefined;',
  // isomorphic-ws comes to the same in a browser.
  'driver/default-socket.ts': 'export const defaultSocket = globalThis.WebSocket;',
};

/** Rollup plugin for production browsers: answers the few modules that differ there. */
export function forBrowsers() {
  return {
    name: 'for-browsers',
    load(id) {
      const path = id.replaceAll('\\', '/');
      const end = Object.keys(answers).find((name) => path.endsWith(`/${name}`));
      return end === undefined ? null : answers[end];
    },
  };
}
