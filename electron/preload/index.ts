import { PORT, WANT_PORT } from '../../shared/shell/page.ts';
import { askForPort, onPort } from '../bridge/page-port.ts';

/*
 * The page's only way out: a port to the station, which the shell hands over. There is no other
 * function, object or channel; what the page may ask is decided at the port's other end.
 */
window.addEventListener('message', (event) => {
  if (event.source === window && event.data === WANT_PORT) askForPort();
});

onPort((port) => window.postMessage(PORT, window.location.origin, [port]));
