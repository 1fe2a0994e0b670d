import { Socket } from 'node:net'

import type pg from 'pg'

import { ConnectionClosedError } from './connection-closed-error.ts'

const READ_ONLY_SQL_TRANSACTION = '25006'

/** A connection that is watched. */
export type Guard = {
  /** The limit from now on, milliseconds; 0 for none. */
  allowSilence(milliseconds: number): void
  /** Closes the connection at once and rejects what is running on it. */
  close(error: ConnectionClosedError): void
}

/**
 * Closes a connection that is no longer reliable: one on which the database is silent for too long, whatever waits for
 * it (RUN-13), and one that turns out to be read-only or to skip its synchronous standby (RUN-17, RUN-18). It is closed
 * and never canceled: see docs/decisions/0016.
 *
 * @param options.onClosed before the error reaches the user of the connection
 * @param options.isIdle whether no answer is due
 */
export function guardConnection(
  client: pg.Client,
  silenceMs: number,
  {
    onClosed = () => undefined,
    isIdle = () => false,
  }: { onClosed?: (error: ConnectionClosedError) => void; isIdle?: () => boolean } = {},
): Guard {
  const { connection } = client
  // With TLS this is not the stream that was connected; both are sockets.
  const { stream } = connection
  let limit = silenceMs
  const close = (error: ConnectionClosedError): void => {
    if (stream.destroyed) return
    onClosed(error)
    // Rejects what is running before the remaining input, which may report its success, is read.
    connection.emit('error', error)
    stream.destroy()
  }
  if (stream instanceof Socket) {
    stream.setTimeout(limit)
    stream.on('timeout', () => {
      // The confirmation of the end is due as well.
      if (isIdle() && !stream.writableEnded) stream.setTimeout(limit)
      else close(new ConnectionClosedError('silent', ` (${limit} ms)`))
    })
  }
  connection.on('errorMessage', ({ code }: { code?: string }) => {
    if (code === READ_ONLY_SQL_TRANSACTION) close(new ConnectionClosedError('read_only'))
  })
  // PostgreSQL sends these unprompted when they change; through a pooler they may be missing.
  connection.on('parameterStatus', (status: { parameterName: string; parameterValue: string }) => {
    if (READ_ONLY_PARAMETERS.has(status.parameterName) && status.parameterValue === 'on') {
      close(new ConnectionClosedError('read_only', ` (${status.parameterName} is on)`))
    }
  })
  // The function that waits for the standby names itself in every language. Its wait was canceled: PostgreSQL then
  // reports the commit as done, although no standby has it.
  client.on('notice', ({ routine }) => {
    if (routine === 'SyncRepWaitForLSN') close(new ConnectionClosedError('unconfirmed'))
  })
  return {
    allowSilence: (milliseconds) => {
      limit = milliseconds
      if (stream instanceof Socket) stream.setTimeout(milliseconds)
    },
    close,
  }
}

const READ_ONLY_PARAMETERS: ReadonlySet<string> = new Set(['in_hot_standby', 'default_transaction_read_only'])
