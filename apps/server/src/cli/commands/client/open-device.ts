import { readdir, rm, rmdir } from 'node:fs/promises'
import path from 'node:path'

import { createFieldsyncClient, type FieldsyncClient } from '@fieldsync/client'
import { openNodeSqliteStore } from '@fieldsync/sync-engine/stores/node-sqlite'

import type { Cli, Outcome } from '../../cli.ts'
import { ClientError } from '../../client-error.ts'
import { credentialOf, DEVICE_INFO } from './device-credential.ts'
import { deviceFolder, type DeviceProfile, readProfile, typed } from './device-folder.ts'

/** A headless device, opened for one command. */
export type ClientDevice = {
  /** As named by the person. */
  readonly as: string
  readonly profile: DeviceProfile
  readonly client: FieldsyncClient
}

const STORE = 'field.db'

/** Opens the store in a device's folder, which needs no network; disposing stops the sync and closes it. */
export async function openDevice(
  as: string,
  folder: string,
  profile: DeviceProfile,
): Promise<ClientDevice & AsyncDisposable> {
  const store = await openNodeSqliteStore({ file: path.join(folder, STORE) })
  const { url, deviceId } = profile
  const client = createFieldsyncClient({
    url,
    credentials: await credentialOf(folder, profile),
    store,
    device: { deviceId, ...DEVICE_INFO },
  })
  const dispose = async () => {
    await client.stop()
    await store.close()
  }
  return { as, profile, client, [Symbol.asyncDispose]: dispose }
}

/** Whether a device's folder already has a store, even if no device is enrolled there. */
export const hasStore = async (folder: string): Promise<boolean> =>
  (await readdir(folder)).some((file) => file.startsWith(STORE))

/** Removes a store that is not open, with its folder if that contains nothing else. */
export async function removeStore(folder: string): Promise<void> {
  const files = (await readdir(folder)).filter((file) => file.startsWith(STORE))
  await Promise.all(files.map((file) => rm(path.join(folder, file), { force: true })))
  if ((await readdir(folder)).length === 0) await rmdir(folder)
}

/** Runs a command on an enrolled device and prints its result. @throws ClientError if none is enrolled */
export async function onDevice(
  cli: Cli,
  as: string,
  command: (device: ClientDevice) => Promise<Outcome>,
): Promise<void> {
  const folder = deviceFolder(as, cli.environment)
  const profile = await readProfile(folder)
  if (profile === undefined) {
    const next = typed(as, 'enroll --link <link>')
    throw new ClientError('NOT_FOUND', `No device is enrolled as ${as}. Enroll it:  ${next}`)
  }
  await using device = await openDevice(as, folder, profile)
  await device.client.load()
  cli.print(await command(device))
}
