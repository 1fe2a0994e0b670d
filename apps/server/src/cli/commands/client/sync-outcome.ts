import type { FieldsyncClient } from '@fieldsync/client'

import { type Cli, type Outcome } from '../../cli.ts'
import { EXIT } from '../../exit-code.ts'
import { counted, shownText } from '../../table.ts'
import { typed } from './device-folder.ts'
import type { ClientDevice } from './open-device.ts'
import { foreignLines } from './store-commands.ts'

type Status = ReturnType<FieldsyncClient['status']>
type Progress = NonNullable<Status['progress']>

/** Syncs once; shows progress on a terminal. */
export async function syncOnce(cli: Cli, { client }: ClientDevice): Promise<Status & Progress> {
  let progress: Progress = { sent: 0, received: 0 }
  const end = client.subscribe((event) => {
    if (event.kind !== 'statusChanged' || event.status.progress === null) return
    progress = event.status.progress
    cli.progress(`sent ${progress.sent}, received ${progress.received}`)
  })
  const status = await client.sync()
  end()
  cli.progress('')
  return { ...status, ...progress }
}

/** The outcome of a sync. If the server was not reached, nothing is lost: everything stays on the device for the next one. */
export function syncOutcome({ as }: ClientDevice, synced: Status & Progress): Outcome {
  const {
    state,
    pending,
    conflicts,
    quarantined,
    localOnly,
    problem,
    problemDetail,
    sent,
    received,
    foreign,
  } = synced
  if (foreign !== null) {
    const unsent = pending + conflicts + quarantined
    return {
      text: `${headline(synced)}\n${foreignLines(as, foreign, unsent)}`,
      json: { state, sent, received, pending, conflicts, quarantined, problem, foreign },
      exitCode: EXIT_CODES[state],
    }
  }
  const waiting = conflicts + quarantined
  const lines = [headline(synced)]
  if (pending > 0)
    lines.push(`${counted(pending, 'write')} unsent: the next sync sends ${pending === 1 ? 'it' : 'them'}.`)
  if (problemDetail?.kind === 'redirected') lines.push(REDIRECTED)
  if (waiting > 0) lines.push(`${counted(waiting, 'conflict')} to resolve:  ${typed(as, 'conflicts')}`)
  if (localOnly > 0)
    lines.push(`${counted(localOnly, 'record')} only on this device:  ${typed(as, 'local-only')}`)
  return {
    text: lines.join('\n'),
    json: { state, sent, received, pending, conflicts, quarantined, localOnly, problem, problemDetail },
    exitCode: EXIT_CODES[state],
  }
}

const REDIRECTED =
  'If that is your server, enroll the device there (--url); if it is a sign-in page of the network, sign in first.'

const EXIT_CODES = {
  idle: EXIT.done,
  syncing: EXIT.done,
  sync_deferred: EXIT.unavailable,
  offline: EXIT.unavailable,
  auth_required: EXIT.failed,
  error: EXIT.failed,
} as const satisfies Record<Status['state'], number>

function headline({ state, problem, sent, received }: Status & Progress): string {
  const why = problem === null ? '' : `: ${shownText(problem)}`
  switch (state) {
    case 'idle':
    case 'syncing':
      return `Synced: sent ${sent}, received ${received}.`
    case 'offline':
    case 'sync_deferred':
      return `Offline, or the server does not answer${why}`
    case 'auth_required':
      return `The server does not accept this device${why}`
    case 'error':
      return `The sync failed${why}`
  }
}
