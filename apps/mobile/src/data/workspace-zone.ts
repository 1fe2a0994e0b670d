import { isSameClock, type Language, zoneLabel } from '@fieldsync/messages'

/** A time zone's own name on this device, an IANA one. */
export const deviceZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

/** The workspace's zone; the device's own while that is not known, or where the device does not know it yet. */
export function knownZone(workspaceZone: string, own = deviceZone()): string {
  if (workspaceZone === '') return own
  try {
    // Throws for a name that it does not know.
    new Intl.DateTimeFormat('en', { timeZone: workspaceZone }).format(0)
    return workspaceZone
  } catch {
    return own
  }
}

/**
 * The device's zone by name where the workspace's clock shows another time at an instant (APP-63); null where both show
 * the same, or the workspace's zone is not known.
 *
 * @param workspaceZone as the server has given it; empty while it has not
 * @param at milliseconds since 1970
 */
export function ownZoneLabel(
  language: Language,
  workspaceZone: string,
  at: number,
  own = deviceZone(),
): string | null {
  try {
    return workspaceZone === '' || isSameClock(own, workspaceZone, at) ? null : zoneLabel(language, own, at)
  } catch {
    // A zone that this device does not know yet: then it cannot be compared.
    return zoneLabel(language, own, at)
  }
}
