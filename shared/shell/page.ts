/**
 * What the page and the preload say to each other on `window`. Nothing else crosses: the preload
 * exposes no function and no object to the page.
 */

/** The page asks for a port to the station: when it starts, and whenever it has lost the one it had. */
export const WANT_PORT = 'repairbench:want-port';
/** The preload hands one over as the message's only transferred port, again after each restart. */
export const PORT = 'repairbench:port';
