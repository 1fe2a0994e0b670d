import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { createFieldsyncClient } from '../create-fieldsync-client.ts'
import { deviceToken } from '../credentials/credential-provider.ts'
import type { Fetch } from '../http/fetch.ts'
import { connectServer } from '../server-connection.ts'
import { openFileSigner } from '../signers/file/file-signer.ts'
import { realServer } from '../testing/real-server.ts'
import { deviceKey, type DeviceKeyOptions, enrollDevice } from './device-key.ts'
import { fingerprintOf } from './device-keys.ts'

const DAY_MS = 86_400_000
const DEVICE = { platform: 'web', appVersion: '1.0.0', modelPackageVersion: '1.0.0' } as const
const ADMIN_TOKEN = 'pre-shared-token-of-dev_admin'
const PROGRAM = path.join(import.meta.dirname, '../testing/rotating-process.ts')

const { url } = await realServer({ DEVICE_TOKENS: `ws_ridge/dev_admin#admin=${ADMIN_TOKEN}` })
const admin = createFieldsyncClient({ url, credentials: deviceToken(ADMIN_TOKEN) }).api

let devices = 0

/** A device that has enrolled with a key in a folder of its own. */
async function enrolled() {
  const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-rotate-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const deviceId = `dev_rotating_${(devices += 1)}`
  const open = () => openFileSigner({ folder, owner: { url, name: 'device' } })
  const { code } = await admin.devices.openEnrollment.mutate({ deviceId })
  const { clientId } = await enrollDevice({ url, code: code ?? '', device: DEVICE, signer: await open() })
  /** Its credential as of another start of the app. */
  const started = async (options: Partial<DeviceKeyOptions> = {}) => {
    const credentials = deviceKey({ url, clientId, signer: await open(), ...options })
    const { api } = connectServer({ url, credentials })
    return { credentials, call: async () => (await api.session.get.query()).deviceId }
  }
  return {
    deviceId,
    folder,
    open,
    started,
    /** A process of its own that rotates this key; its exit code, or null where it was killed. */
    program: (killed: string) =>
      new Promise<number | null>((resolve) => {
        const env = { URL: url, FOLDER: folder, CLIENT_ID: clientId, KILLED: killed }
        const child = execFile(process.execPath, [PROGRAM], { env })
        child.on('close', (exit) => resolve(exit))
      }),
    /** What an admin sees of its key. */
    known: async () =>
      (await admin.devices.list.query({ limit: 200 })).items.find((each) => each.deviceId === deviceId)?.key
        ?.fingerprint,
    rotations: async () =>
      (await admin.audit.list.query({ limit: 200 })).items.filter(
        ({ action, target }) => action === 'device.rotate_key' && target?.id === deviceId,
      ).length,
  }
}

describe('[ENG-76] rotating the key of a device', () => {
  it('leaves the new key alone, which the device goes on with', async () => {
    const { deviceId, folder, open, started, known } = await enrolled()
    const first = await fingerprintOf(await open())
    const accepted: string[] = []
    const { credentials, call } = await started({ onAccepted: (fingerprint) => accepted.push(fingerprint) })
    expect(await call()).toBe(deviceId)
    await credentials.rotate()
    expect(await call()).toBe(deviceId)
    const second = await fingerprintOf(await open())
    expect(accepted).toEqual([first, second])
    expect(await known()).toBe(second)
    expect(await readdir(folder)).toHaveLength(1)
    expect(await (await started()).call()).toBe(deviceId)
  })

  it('leaves a device that can go on, wherever its program is killed', async () => {
    const device = await enrolled()
    let killed = 0
    for (const when of ['before', 'after']) {
      for (let request = 1; ; request++) {
        const exit = await device.program(`${when} ${request}`)
        if (exit === 0) break
        expect(exit).toBeNull()
        killed += 1
        // Another start of the app, without a rotation.
        expect(await (await device.started()).call()).toBe(device.deviceId)
        const keys = await Promise.all((await (await device.open()).stored()).map(fingerprintOf))
        expect(keys).toContain(await device.known())
        expect(keys.length).toBeLessThanOrEqual(2)
      }
    }
    // A nonce, a token, the rotation, a token of the new key: each before and after.
    expect(killed).toBeGreaterThanOrEqual(8)
    expect(await (await device.started()).call()).toBe(device.deviceId)
    expect(await readdir(device.folder)).toHaveLength(1)
  })

  /** A link that loses the answers of rotations, or the rotations themselves. */
  const losing =
    (what: 'call' | 'answer'): Fetch =>
    async (address, init) => {
      const isRotation = address.includes(':rotateKey')
      if (isRotation && what === 'call') throw new TypeError('lost')
      const answer = await fetch(address, init)
      if (isRotation) throw new TypeError('lost')
      return answer
    }

  it.each(['call', 'answer'] as const)('survives a lost %s, and takes effect once', async (what) => {
    const { deviceId, folder, started, rotations } = await enrolled()
    const { credentials, call } = await started({ fetch: losing(what) })
    await expect(credentials.rotate()).rejects.toMatchObject({ kind: 'unreachable' })
    expect(await call()).toBe(deviceId)
    expect(await rotations()).toBe(what === 'call' ? 0 : 1)
    const { credentials: later, call: callLater } = await started()
    await later.rotate()
    expect(await callLater()).toBe(deviceId)
    expect(await readdir(folder)).toHaveLength(1)
  })

  it('happens once where several programs begin it at once, and each goes on', async () => {
    const { deviceId, folder, started, rotations } = await enrolled()
    const tabs = await Promise.all(Array.from({ length: 4 }, () => started()))
    for (const { call } of tabs) await call()
    await Promise.all(tabs.map(({ credentials }) => credentials.rotate()))
    for (const { call } of tabs) expect(await call()).toBe(deviceId)
    expect(await rotations()).toBe(1)
    expect(await readdir(folder)).toHaveLength(1)
  })

  it('is done where an attempt whose answer was lost has taken effect', async () => {
    const { started, open, known, rotations } = await enrolled()
    let isLosing = true
    const { credentials } = await started({
      fetch: (address, init) => (isLosing ? losing('answer') : fetch)(address, init),
    })
    await expect(credentials.rotate()).rejects.toMatchObject({ kind: 'unreachable' })
    isLosing = false
    await credentials.rotate()
    expect(await rotations()).toBe(1)
    expect(await known()).toBe(await fingerprintOf(await open()))
    await credentials.rotate()
    expect(await rotations()).toBe(2)
  })

  it('happens once more where several begin it at once after an answer was lost', async () => {
    const { deviceId, folder, started, rotations } = await enrolled()
    let isLosing = true
    const lossy = await started({
      fetch: (address, init) => (isLosing ? losing('answer') : fetch)(address, init),
    })
    await expect(lossy.credentials.rotate()).rejects.toMatchObject({ kind: 'unreachable' })
    isLosing = false
    const tabs = [lossy, ...(await Promise.all(Array.from({ length: 3 }, () => started())))]
    for (const { call } of tabs.slice(1)) await call()
    await Promise.all(tabs.map(({ credentials }) => credentials.rotate()))
    for (const { call } of tabs) expect(await call()).toBe(deviceId)
    expect(await rotations()).toBe(2)
    expect(await readdir(folder)).toHaveLength(1)
  })

  it('is followed by a program that slept through two of them', async () => {
    const { deviceId, started } = await enrolled()
    const asleep = await started()
    expect(await asleep.call()).toBe(deviceId)
    for (let i = 0; i < 2; i++) await (await started()).credentials.rotate()
    expect(await asleep.call()).toBe(deviceId)
  })

  it('does not hide that the device was revoked', async () => {
    const { deviceId, started } = await enrolled()
    const { credentials, call } = await started({ fetch: losing('answer') })
    await expect(credentials.rotate()).rejects.toMatchObject({ kind: 'unreachable' })
    await admin.devices.revoke.mutate({ deviceId })
    await expect(call()).rejects.toMatchObject({ details: { reason: 'revoked', action: 're_enrol' } })
  })
})

describe('[ENG-77] a key that is 90 days old', () => {
  /** The key was stored so long ago. */
  async function aged(folder: string, days: number): Promise<void> {
    const [file = ''] = await readdir(folder)
    const then = new Date(Date.now() - days * DAY_MS)
    await utimes(path.join(folder, file), then, then)
  }

  it.each([
    ['is', 91, undefined, true],
    ['is', 31, 30, true],
    ['is not yet', 89, undefined, false],
    ['is never, where the setting says so,', 1000, 0, false],
    ['is, also where a wrong clock has dated it', -91, undefined, true],
  ])('%s replaced by itself (%i days old, setting %s)', async (_what, days, rotateAfterDays, isReplaced) => {
    const { deviceId, folder, open, started, known } = await enrolled()
    const first = await fingerprintOf(await open())
    await aged(folder, days)
    const { call } = await started({ rotateAfterDays })
    expect(await call()).toBe(deviceId)
    if (isReplaced) await expect.poll(known).not.toBe(first)
    // A call with whatever key is in use by now.
    expect(await call()).toBe(deviceId)
    if (!isReplaced) expect(await known()).toBe(first)
    else await expect.poll(() => readdir(folder)).toHaveLength(1)
    expect(await (await started({ rotateAfterDays })).call()).toBe(deviceId)
  })

  it('goes on as it is where the server cannot be reached for that', async () => {
    const { deviceId, folder, started, rotations } = await enrolled()
    await aged(folder, 91)
    let attempts = 0
    const { call } = await started({
      fetch: async (address, init) => {
        if (!address.includes(':rotateKey')) return await fetch(address, init)
        attempts += 1
        throw new TypeError('lost')
      },
    })
    expect(await call()).toBe(deviceId)
    // The next attempt is made with another token.
    await expect.poll(() => attempts).toBe(1)
    expect(await call()).toBe(deviceId)
    expect(attempts).toBe(1)
    expect(await rotations()).toBe(0)
  })
})
