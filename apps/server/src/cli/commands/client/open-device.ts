import { readdir, rm, rmdir } from 'node:fs/promises'
import path from 'node:path'

import { createFieldsyncClient, type FieldsyncClient } from '@fieldsync/client'
import type { WipeProgress } from '@fieldsync/sync-engine'
import { openNodeSqliteStore } from '@fieldsync/sync-engine/stores/node-sqlite'

import type { Cli, Outcome } from '../../cli.ts'
import { ClientError } from '../../client-error.ts'
import { EXIT } from '../../exit-code.ts'
import { counted, shownText } from '../../table.ts'
import { credentialOf, DEVICE_INFO, KEYS } from './device-credential.ts'
import { deviceFolder, type DeviceProfile, readProfile, removeProfile, typed } from './device-folder.ts'

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

/** Removes what a wiped device still has in its folder, the profile last: until then it is found again. */
async function removeDevice(folder: string): Promise<void> {
  await rm(path.join(folder, KEYS), { recursive: true, force: true })
  await removeStore(folder)
  await removeProfile(folder)
}

/**
 * Carries out what is left of a wipe before another device, or the same one, enrolls in its folder: nobody else can acknowledge it.
 * @throws ClientError while the server does not answer
 */
export async function finishWipe(as: string, folder: string, profile: DeviceProfile): Promise<void> {
  const wipe = await wipeOf(as, folder, profile)
  if (wipe === null) return
  if (wipe.step !== 'done')
    throw new ClientError('REFUSED', `${wipeText(wipe)} Enroll once it is acknowledged.`)
  await removeDevice(folder)
}

async function wipeOf(as: string, folder: string, profile: DeviceProfile): Promise<WipeProgress | null> {
  await using device = await openDevice(as, folder, profile)
  const { wipe } = await device.client.load()
  return wipe && (await device.client.sync()).wipe
}

/**
 * Runs a command on an enrolled device and prints its result. A device that is to be wiped carries that out instead, and its files
 * go; so does one that finds out about it by the command (ENG-80).
 *
 * @throws ClientError if none is enrolled
 */
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
  const { outcome, isOver } = await runOn(as, folder, profile, command)
  if (isOver) await removeDevice(folder)
  cli.print(outcome)
}

/** What a person is shown of the wipe of a device. */
export function wipeText({ step, unsentDeleted, workspaceName }: WipeProgress): string {
  const admin = workspaceName === null ? 'an admin' : `an admin of ${shownText(workspaceName)}`
  return step === 'done'
    ? `This device was wiped by ${admin}; ${counted(unsentDeleted, 'unsent write')} deleted.`
    : `This device is being wiped by ${admin}.`
}

async function runOn(
  as: string,
  folder: string,
  profile: DeviceProfile,
  command: (device: ClientDevice) => Promise<Outcome>,
): Promise<{ outcome: Outcome; isOver: boolean }> {
  await using device = await openDevice(as, folder, profile)
  const { client } = device
  if ((await client.load()).wipe === null) {
    const outcome = await command(device)
    if (client.status().wipe === null) return { outcome, isOver: false }
  }
  const { wipe, problem } = await client.sync()
  if (wipe === null) throw new Error('a wipe was forgotten')
  const isOver = wipe.step === 'done'
  const waits = isOver ? '' : ` It is not acknowledged yet: ${problem ?? ''}`
  return {
    outcome: {
      text: `${wipeText(wipe)}${waits}`,
      json: { wipe },
      exitCode: isOver ? EXIT.failed : EXIT.unavailable,
    },
    isOver,
  }
}
