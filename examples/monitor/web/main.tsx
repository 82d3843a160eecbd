import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { client } from './client.ts';
import { SocketProvider } from './hooks.ts';
import { startRecording } from './live.ts';
import 'uplot/dist/uPlot.min.css';
import './styles.css';

const root = document.getElementById('root');
if (!root) throw new Error('The page has no element with the id root.');

startRecording();
createRoot(root).render(
  <StrictMode>
    <SocketProvider client={client}>
      <App />
    </SocketProvider>
  </StrictMode>,
);
