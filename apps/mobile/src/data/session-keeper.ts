import type { FieldsyncClient } from '@fieldsync/client'
import type { Session } from '@fieldsync/contracts'
import { isSameJson } from '@fieldsync/domain'
import { useEffect, useRef, useState } from 'react'

import type { AppSettings } from './app-settings.ts'
import { useClient, useSyncStatus } from './client-context.ts'
import { afterSync, isSameConnection } from './known-stores.ts'
import { useSettings } from './settings-context.ts'

/** An administrator changes a role now and then: after a sync, but not after each. */
const ASK_AGAIN_MS = 60_000

type Answer = {
  readonly client: FieldsyncClient
  /** The connection of then. */
  readonly settings: AppSettings
  readonly workspace: { readonly workspaceUid: string; readonly workspaceName: string }
}

/** What the settings take over from a session. */
const SAID = ['role', 'timeZone', 'grants', 'fourEyes', 'weather'] as const

/** A server of an earlier contract has no grants, no four-eyes and no weather. */
const saidBy = (session: Session): Pick<AppSettings, (typeof SAID)[number]> => ({
  role: session.role,
  timeZone: session.workspace.timeZone,
  grants: session.grants ?? null,
  fourEyes: session.fourEyes ?? false,
  weather: session.weather ?? '',
})

/**
 * Asks the server for the session, and keeps what it says. What this device may do, and what it was granted in playbooks: asked at first, after a sync when the
 * last answer is a minute old, and at once when a sync fails, which another role may be the reason of (APP-16). Which
 * workspace the store belongs to, and the credential that was accepted: taken over after the first sync of a client.
 */
export function SessionKeeper(): null {
  const client = useClient()
  const { lastSyncAt, state, foreign } = useSyncStatus()
  const { settings, change } = useSettings()
  const [answer, setAnswer] = useState<Answer>()
  const failed = state === 'error'
  const isForeign = foreign !== null

  const asked = useRef<{ client: FieldsyncClient; at: number; failed: boolean; isForeign: boolean }>(
    undefined,
  )
  useEffect(() => {
    const last = asked.current
    const age = Date.now() - (last?.at ?? 0)
    const isSameCase = last?.client === client && last.isForeign === isForeign
    const isFresh = isSameCase && age >= 0 && age < ASK_AGAIN_MS
    if (isFresh && (!failed || last.failed)) return
    const mine = { client, at: Date.now(), failed, isForeign }
    asked.current = mine
    const ask = async () => {
      const session = await client.api.session.get.query()
      const { workspace } = session
      const said = saidBy(session)
      const known = Object.fromEntries(SAID.map((name) => [name, settings[name]]))
      if (!isSameJson(said, known)) change(said)
      // A server from before contract 1.4.0 has no uid.
      const workspaceUid: string | undefined = workspace.workspaceUid
      const found = { workspaceUid: workspaceUid ?? '', workspaceName: workspace.name }
      if (asked.current === mine) setAnswer({ client, settings, workspace: found })
    }
    // Where it was not there it is asked again after the next sync.
    ask().catch(() => {
      if (asked.current === mine) asked.current = undefined
    })
  }, [client, lastSyncAt, failed, isForeign, settings, change])

  const opened = useRef({ client, lastSyncAt, isKnown: false })
  useEffect(() => {
    if (opened.current.client !== client) opened.current = { client, lastSyncAt, isKnown: false }
    const { current } = opened
    if (isForeign || current.isKnown || lastSyncAt === current.lastSyncAt) return
    if (answer?.client !== client) return
    current.isKnown = true
    change((latest) => {
      if (!isSameConnection(latest, answer.settings)) return {}
      const known = afterSync(latest, answer.workspace)
      return isSameJson(known.stores, latest.stores) ? {} : known
    })
  }, [client, answer, lastSyncAt, isForeign, change])
  return null
}
