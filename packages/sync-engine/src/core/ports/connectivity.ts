/** What the platform believes of its network. A wrong `true` costs a failed attempt, so adapters say `true` in doubt. */
export interface Connectivity {
  isOnline(): boolean
  onChange(listener: (online: boolean) => void): () => void
}
