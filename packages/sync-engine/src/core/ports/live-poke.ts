/**
 * The server's word that there is something new (it carries no data). Reconnects by itself; `onPoke` is called for every
 * word, and after every reconnect, since one may have been missed meanwhile.
 */
export interface LivePoke {
  subscribe(onPoke: () => void): () => void
}
