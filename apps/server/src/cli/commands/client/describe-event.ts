import type { EngineEvent, RecordName } from '@fieldsync/sync-engine'

import { counted, shownText } from '../../table.ts'
import { typed } from './device-folder.ts'
import { type ClientDevice, wipeText } from './open-device.ts'
import { shortId } from './short-id.ts'

const LONGEST_NOTE = 60

/** An event as lines for a person; none for events of no interest to one. */
export async function describeEvent(device: ClientDevice, event: EngineEvent): Promise<string[]> {
  switch (event.kind) {
    case 'downstream':
      return [
        ...(await Promise.all(event.changed.map((record) => arrived(device, record)))),
        ...event.deleted.map(({ type, id }) => `deleted   ${shortId(id)}  ${type}`),
      ]
    case 'accepted':
      return event.records.map(({ type, id }) => `accepted  ${shortId(id)}  ${type}`)
    case 'conflict':
    case 'quarantined':
      return [`conflict  ${shortId(event.conflict.entityId)}  see  ${typed(device.as, 'conflicts')}`]
    case 'rebased':
      return [`rebased   ${shortId(event.from)} is now ${shortId(event.to)}`]
    case 'deferred':
      return [`offline   ${shownText(event.reason)}`]
    case 'authRequired':
      return ['refused   The server does not accept this device.']
    case 'failed':
      return [`failed    ${shownText(event.message)}`]
    case 'cursorReset':
      return ['reset     The server was restored: everything is pulled again.']
    case 'drift':
      return ['drift     This copy differs from the server’s: everything is pulled again.']
    case 'clockSkew':
      return [
        event.offsetMs === 0
          ? 'clock     The clock is correct again.'
          : `clock     ${clockWarning(event.offsetMs)}`,
      ]
    case 'resent':
      return event.records.map(({ type, id }) => `resent    ${shortId(id)}  ${type}, which the server lost`)
    case 'localOnly':
      return event.records.map(
        ({ type, id }) =>
          `only here ${shortId(id)}  ${type}, only on this device: the server no longer has it`,
      )
    case 'correctionsLost':
      return event.records.map(
        ({ id, corrections }) =>
          `lost      ${counted(corrections, 'correction')} of ${shortId(id)} no longer on the server`,
      )
    case 'resolved':
      return [`resolved  ${shortId(event.conflict.entityId)}  ${event.resolution}`]
    case 'foreignStore':
      return [
        `foreign   This store belongs to ${event.foreign.owner.deviceId}: see  ${typed(device.as, 'status')}`,
      ]
    case 'wipe':
      return [`wiped     ${wipeText(event.wipe)}`]
    case 'saved':
    case 'sent':
    case 'stateChanged':
    case 'storeChanged':
    case 'statusChanged':
      return []
  }
}

/** A warning about this machine's clock. @param offsetMs ahead of the server's is positive */
export const clockWarning = (offsetMs: number): string =>
  `This clock is ${counted(Math.abs(Math.round(offsetMs / 60_000)), 'minute')} ${offsetMs > 0 ? 'ahead of' : 'behind'} the server’s: set it.`

async function arrived({ client }: ClientDevice, { type, id }: RecordName): Promise<string> {
  const named = `received  ${shortId(id)}  ${type}`
  if (type !== 'observation') return named
  const document = (await client.record('observation', id))?.document
  if (document === undefined) return named
  const { status, deviceId, rawNoteText } = document
  return `${named}  ${status}  by ${deviceId}: ${shownText(rawNoteText.slice(0, LONGEST_NOTE))}`
}
