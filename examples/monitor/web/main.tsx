import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { client } from './client.ts';
import { SocketProvider } from './hooks.ts';
import { startRecording } from './live.ts';
import 'uplot/dist/uPlot.min.css';
import './styles/base.css';
import './styles/frame.css';
import './styles/panel.css';
import './styles/charts.css';
import './styles/cores.css';
import './styles/integrity.css';
import './styles/cable.css';
import './styles/transfer.css';
import './styles/peers.css';
import './styles/limits.css';
import './styles/motion.css';
import './styles/narrow.css';

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
