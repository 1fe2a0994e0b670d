import { createFieldsyncClient, type FieldsyncClient } from '@fieldsync/client'
import { deviceKey, enrollDevice } from '@fieldsync/client/device-key'
import { openBrowserSigner } from '@fieldsync/client/signers/browser'
import { readEnrollmentLink } from '@fieldsync/contracts'
import { browserTabs } from '@fieldsync/sync-engine/stores/browser-tabs'
import { openIndexedDbStore } from '@fieldsync/sync-engine/stores/indexeddb'

const SETTINGS = 'fieldsync-device'
const DEVICE = { platform: 'web', appVersion: '1.0.0', modelPackageVersion: '1.0.0' } as const

type Settings = { readonly url: string; readonly clientId: string; readonly deviceId: string }

/** Sets this browser up with the link that an administrator opened for it. The key never leaves the browser. */
export async function enroll(link: string): Promise<void> {
  const opened = readEnrollmentLink(link)
  if (opened === undefined) throw new Error('not an enrollment link')
  const { address: url, code } = opened
  const signer = await openBrowserSigner({ url, name: 'notes' })
  const { clientId, deviceId } = await enrollDevice({ url, code, device: DEVICE, signer })
  const settings: Settings = { url, clientId, deviceId }
  localStorage.setItem(SETTINGS, JSON.stringify(settings))
}

/** The client of this browser, or undefined before it was set up. */
export async function openClient(): Promise<FieldsyncClient | undefined> {
  const stored = localStorage.getItem(SETTINGS)
  if (stored === null) return undefined
  const { url, clientId, deviceId } = JSON.parse(stored) as Settings
  const signer = await openBrowserSigner({ url, name: 'notes' })
  return createFieldsyncClient({
    url,
    credentials: deviceKey({ url, clientId, signer }),
    store: await openIndexedDbStore({ name: `fieldsync-${deviceId}` }),
    tabs: browserTabs(),
    device: { ...DEVICE, deviceId },
  })
}
