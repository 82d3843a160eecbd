import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { type InlineConfig, type Plugin, build, createServer } from 'vite';
import { sourcePaths } from './source-paths.ts';

const root = fileURLToPath(new URL('../web/', import.meta.url));

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The page, ready to be served. */
export interface Page {
  readonly handle: RequestListener;
  close(): Promise<void>;
}

/** Builds the page in memory; nothing is written, so any number of monitors may run beside each other. */
export async function buildPage(cablePort: number): Promise<Page> {
  const result = await build({
    ...shared(cablePort),
    build: { write: false, target: 'es2023', chunkSizeWarningLimit: 1_000 },
  });
  const { output } = (Array.isArray(result) ? result[0] : result) as Extract<typeof result, { output: unknown }>;
  const files = new Map(
    output.map((file) => [`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source] as const),
  );
  return {
    handle: (request, response) => serve(files, request, response),
    close: async () => {},
  };
}

/** Serves the page from its sources with hot replacement, for working on it. */
export async function servePage(cablePort: number, http: Server): Promise<Page> {
  const vite = await createServer({
    ...shared(cablePort),
    server: { middlewareMode: true, hmr: { server: http } },
    optimizeDeps: { include: ['react', 'react-dom/client', 'react/jsx-dev-runtime', 'uplot', 'zod', 'isomorphic-ws'] },
  });
  return { handle: vite.middlewares, close: () => vite.close() };
}

function shared(cablePort: number): InlineConfig {
  const tellCablePort: Plugin = {
    name: 'monitor:cable-port',
    transformIndexHtml: () => [
      { tag: 'meta', attrs: { name: 'cable-port', content: String(cablePort) }, injectTo: 'head' },
    ],
  };
  return {
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [react(), tellCablePort],
    resolve: {
      alias: [...sourcePaths].map(([name, url]) => ({
        find: new RegExp(`^${name}$`),
        replacement: fileURLToPath(url),
      })),
    },
  };
}

function serve(
  files: ReadonlyMap<string, string | Uint8Array>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const path = request.url?.split('?')[0] ?? '/';
  const name = path === '/' ? '/index.html' : path;
  const content = files.get(name);
  if (content === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end(`There is no ${name} here.\n`);
    return;
  }
  response.writeHead(200, {
    'content-type': contentTypes[extname(name)] ?? 'application/octet-stream',
    // Built files carry a hash in their names; the page itself must be asked for again.
    'cache-control': name.startsWith('/assets/') ? 'max-age=31536000, immutable' : 'no-cache',
    'x-content-type-options': 'nosniff',
  });
  response.end(content);
}
