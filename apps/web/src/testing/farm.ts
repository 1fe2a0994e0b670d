import {
  type Caller,
  callOperation,
  device,
  observation,
  playbookPatch,
  postBatch,
  startServer,
  syncBatch,
} from '@fieldsync/testkit'
import type { Tab } from '@fieldsync/testkit/browser'

const ROLES = ['admin', 'agronomist', 'scout', 'viewer'] as const
type FarmRole = (typeof ROLES)[number]

/** The real server with its console, and a device of each role. */
export type Farm = AsyncDisposable & {
  readonly origin: string
  /** The environment of its database, for programs beside the server. */
  readonly database: Readonly<Record<string, string>>
  readonly callers: Readonly<Record<FarmRole, Caller>>
  /** An admin of another workspace at the same server. */
  readonly neighbor: Caller
}

/**
 * Starts it on a free port. The console is built by `npm test` and `npm start`.
 * @param database the environment of a database to use in place of an embedded one
 */
export async function startFarm(database: Readonly<Record<string, string>> = {}): Promise<Farm> {
  const tokenOf = (role: FarmRole): string => `pre-shared-token-of-the-${role}`
  const tokens = ROLES.map((role) => `ws_ridge/dev_${role}#${role}=${tokenOf(role)}`)
  const neighbor = { deviceId: 'dev_neighbor', token: 'pre-shared-token-of-the-neighbor' }
  const server = await startServer({
    env: {
      ...database,
      PEPPER: 'the pepper of the console’s tests, long enough',
      DEVICE_TOKENS: [...tokens, `ws_valley/${neighbor.deviceId}#admin=${neighbor.token}`].join(','),
    },
  })
  const callerOf = (role: FarmRole): Caller => ({
    url: server.url,
    deviceId: `dev_${role}`,
    token: tokenOf(role),
  })
  return {
    origin: server.url,
    database,
    callers: {
      admin: callerOf('admin'),
      agronomist: callerOf('agronomist'),
      scout: callerOf('scout'),
      viewer: callerOf('viewer'),
    },
    neighbor: { url: server.url, ...neighbor },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** What a scout's device has stored by now: some notes, and a batch with a conflict. */
export type Worked = {
  readonly observationId: string
  readonly conflictSyncId: string
  readonly newest: { readonly rawNoteText: string; readonly updatedAt: string }
}

/** A day at the farm: notes, a confirmed one that a late draft meets, and a playbook that was changed. */
export async function workADay({ scout, agronomist }: Farm['callers']): Promise<Worked> {
  const now = Date.now()
  const notes = Array.from({ length: 24 }, (_, index) =>
    observation({
      deviceId: scout.deviceId,
      createdAt: new Date(now - index * 1_700_000).toISOString(),
      status: index % 3 === 0 ? 'confirmed' : 'draft',
    }),
  )
  const push = async (caller: Caller, observations: typeof notes): Promise<string> => {
    const batch = syncBatch({ device: device({ deviceId: caller.deviceId }), observations })
    const { status, text } = await postBatch(caller, batch)
    if (status !== 200) throw new Error(text)
    return batch.syncId
  }
  await push(scout, notes)
  const [confirmed] = notes
  if (confirmed === undefined) throw new Error('a day without a note')
  const late = observation({
    ...confirmed,
    deterministicChecksum: undefined,
    status: 'draft',
    rawNoteText: 'Looked again: more leaves.',
  })
  const conflictSyncId = await push(scout, [late])
  const { status, text } = await callOperation({
    url: agronomist.url,
    token: agronomist.token,
    operation: 'playbooks.applyPatch',
    key: 'a-windy-week',
    input: playbookPatch({ requestedByDeviceId: agronomist.deviceId, reason: 'A windy week' }),
  })
  if (status !== 200) throw new Error(text)
  const { rawNoteText, updatedAt = confirmed.createdAt } = confirmed
  return { observationId: confirmed.observationId, conflictSyncId, newest: { rawNoteText, updatedAt } }
}

/** Signs in on a page that asks for a token, in whatever language. */
export async function signInOn(tab: Tab, text: string): Promise<void> {
  const token = tab.getByLabel('Token', { exact: true })
  await token.fill(text)
  await tab.locator('form', { has: token }).locator('button[type=submit]').click()
  await tab.getByRole('navigation').waitFor()
}
