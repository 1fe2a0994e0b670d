/**
 * Why this side closed a connection:
 * - `silent`: an answer was due and the database sent nothing within the limit;
 * - `read_only`: it is a standby, or has been made read-only, as after a failover;
 * - `unconfirmed`: it reports a commit that no synchronous standby has confirmed;
 * - `stale`: it is a primary of an older timeline than another one that was seen;
 * - `foreign`: it belongs to another database cluster than the one in use.
 */
export type CloseReason = 'silent' | 'read_only' | 'unconfirmed' | 'stale' | 'foreign'

const MESSAGES: Readonly<Record<CloseReason, string>> = {
  silent: 'the database did not answer in time',
  read_only: 'the database is read-only: a standby, or a primary that was replaced',
  unconfirmed: 'the database stopped waiting for its synchronous standby to confirm a commit',
  stale: 'the database server is an old primary: another one was promoted after it',
  foreign:
    'the database server belongs to another cluster (its system identifier differs); ' +
    'if it was replaced on purpose, restart this server',
}

/**
 * An unreliable connection was closed; the outcome of a statement running on it is unknown. A caller may try again on
 * another connection.
 */
export class ConnectionClosedError extends Error {
  override readonly name = 'ConnectionClosedError'
  readonly reason: CloseReason

  constructor(reason: CloseReason, detail = '') {
    super(`${MESSAGES[reason]}${detail}; its connection was closed`)
    this.reason = reason
  }
}
