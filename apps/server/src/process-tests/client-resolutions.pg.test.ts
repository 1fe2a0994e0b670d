import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'

import {
  observation,
  playbook,
  recommendation,
  seededRandom,
  startServer,
  testDatabase,
  type TestServer,
} from '@fieldsync/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { readProfile } from '../cli/commands/client/device-folder.ts'
import { type ClientDevice, openDevice } from '../cli/commands/client/open-device.ts'
import { type ClientDevices, clientDevices } from '../testing/client-devices.ts'
import { stallingProxy } from '../testing/stalling-proxy.ts'

const NAMES = ['anna', 'ben', 'cleo', 'dora', 'ella', 'finn', 'gina', 'hugo', 'iris', 'jana', 'kim', 'lea']
const tokenOf = (name: string) => `pre-shared-token-of-dev-${name}`
const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'

let server: TestServer
let devices: ClientDevices

beforeAll(async () => {
  const database = await testDatabase()
  server = await startServer({
    env: {
      ...database.serverEnv,
      PEPPER: 'the pepper of the headless devices’ tests',
      RATE_LIMIT_PER_MINUTE: 'off',
      DEVICE_TOKENS: NAMES.map((name) => `ws_ridge/dev_${name}=${tokenOf(name)}`).join(','),
    },
  })
  devices = await clientDevices()
})

afterAll(async () => {
  await devices[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

async function enroll(...names: string[]): Promise<void> {
  for (const name of names) {
    await devices.json(name, 'enroll', '--url', server.url, '--token', tokenOf(name))
  }
}

/** Writes that no command makes, made by the client on the device's own store. */
async function asApp<T>(name: string, work: (device: ClientDevice) => Promise<T>): Promise<T> {
  const folder = path.join(devices.dataDir, 'field', name)
  const profile = await readProfile(folder)
  if (!profile) throw new Error(`${name} is not enrolled`)
  await using device = await openDevice(name, folder, profile)
  return await work(device)
}

const windTo = (name: string, value: number, at = WIND) =>
  asApp(name, ({ client }) =>
    client.patchPlaybook({
      playbookId: playbook().playbookId,
      reason: `wind ${value}`,
      operations: [{ op: 'replace', path: at, value }],
    }),
  )

const noteWithId = (name: string, observationId: string) =>
  asApp(name, async ({ client }) => {
    const note = observation({ deviceId: `dev_${name}`, observationId, status: 'draft' }, seededRandom(7))
    expect(await client.saveObservation(note)).toMatchObject({ ok: true })
  })

async function conflictsOf(name: string) {
  return (await devices.json(name, 'conflicts')) as {
    name: string
    code: string
    message: string
    resolutions: string[]
    yours: object
  }[]
}

describe('client resolve', () => {
  it('[RUN-11] [ENG-17] rename: both records of one id are kept', async () => {
    await enroll('anna', 'ben')
    const id = 'obs_20260211_0001'
    for (const name of ['anna', 'ben']) await noteWithId(name, id)
    await devices.json('anna', 'sync')
    expect(await devices.json('ben', 'sync')).toMatchObject({ sent: 1, conflicts: 1 })
    const [conflict] = await conflictsOf('ben')
    expect(conflict).toMatchObject({
      code: 'OBSERVATION_ID_TAKEN',
      resolutions: ['rename', expect.any(String)],
    })
    const renamed = (await devices.json('ben', 'resolve', conflict?.name ?? '', 'rename')) as {
      record: { id: string }
    }
    expect(renamed.record.id).not.toBe(id)
    expect(await devices.json('ben', 'sync')).toMatchObject({ sent: 1, pending: 0, conflicts: 0 })
    const ids = ((await devices.json('ben', 'list')) as { id: string }[]).map((each) => each.id)
    expect(ids).toEqual(expect.arrayContaining([id, renamed.record.id]))
  })

  it('[RUN-11] [ENG-16] rebase: a value that another changed in the meantime needs a decision, and is sent on the new version', async () => {
    await enroll('cleo', 'dora')
    await windTo('cleo', 9)
    await windTo('dora', 11)
    expect(await devices.json('cleo', 'sync')).toMatchObject({ sent: 1, conflicts: 0 })
    expect(await devices.json('dora', 'sync')).toMatchObject({ conflicts: 1 })
    const [conflict] = await conflictsOf('dora')
    expect(conflict).toMatchObject({
      code: 'PLAYBOOK_VERSION_MISMATCH',
      resolutions: ['rebase', 'accept_server'],
    })
    const shown = await devices.run('dora', 'conflicts')
    expect(shown.stdout).toContain(`client resolve ${conflict?.name} rebase`)
    await devices.json('dora', 'resolve', conflict?.name ?? '', 'rebase')
    expect(await devices.json('dora', 'sync')).toMatchObject({ sent: 1, pending: 0, conflicts: 0 })
    await devices.json('cleo', 'sync')
    const wind = await asApp('cleo', async ({ client }) =>
      JSON.stringify((await client.records('playbook'))[0]?.document),
    )
    expect(wind).toContain('"maxWindKph":11')
  })

  it('[RUN-11] [ENG-17] fix: the repaired record is read from a file, and one that is none is refused', async () => {
    await enroll('ella')
    await windTo('ella', 12, '/rules/rule_pm_moderate/name')
    expect(await devices.json('ella', 'sync')).toMatchObject({ sent: 1, conflicts: 1 })
    const [conflict] = await conflictsOf('ella')
    expect(conflict).toMatchObject({
      code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED',
      resolutions: ['fix', 'discard'],
    })
    const name = conflict?.name ?? ''
    const file = path.join(devices.dataDir, 'repaired.json')
    expect(await devices.run('ella', 'resolve', name, 'fix')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--document'),
    })
    expect(await devices.run('ella', 'resolve', name, 'fix', '--document', file)).toMatchObject({ code: 2 })
    await writeFile(file, '7')
    expect(await devices.run('ella', 'resolve', name, 'fix', '--document', file)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('does not contain a record'),
    })
    const repaired = { ...conflict?.yours, operations: [{ op: 'replace', path: WIND, value: 13 }] }
    await writeFile(file, JSON.stringify(repaired))
    await devices.json('ella', 'resolve', name, 'fix', '--document', file)
    expect(await devices.json('ella', 'sync')).toMatchObject({ sent: 1, pending: 0, conflicts: 0 })
  })

  it('[RUN-11] [ENG-17] resubmit: advice on a note that the server lacks goes once the device has it', async () => {
    await enroll('jana')
    const observationId = 'obs_20260211_0010'
    await asApp('jana', async ({ client }) => {
      const advice = recommendation({ observationId }, seededRandom(8))
      expect(await client.saveRecommendation(advice)).toMatchObject({ ok: true })
    })
    expect(await devices.json('jana', 'sync')).toMatchObject({ sent: 1, conflicts: 1 })
    const [conflict] = await conflictsOf('jana')
    expect(conflict).toMatchObject({ code: 'RECOMMENDATION_ORPHAN', resolutions: ['resubmit', 'discard'] })
    const name = conflict?.name ?? ''
    expect(await devices.run('jana', 'resolve', name, 'resubmit')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('observation'),
    })
    await noteWithId('jana', observationId)
    await devices.json('jana', 'resolve', name, 'resubmit')
    expect(await devices.json('jana', 'sync')).toMatchObject({ sent: 2, pending: 0, conflicts: 0 })
  })

  it('[RUN-11] [ENG-12] what the server refuses to read is shown with the reason, and dropped only by discard', async () => {
    await using link = await stallingProxy(server.url)
    await devices.json('finn', 'enroll', '--url', link.url, '--token', tokenOf('finn'))
    const noted = (await devices.json('finn', 'note', 'Not to the server’s taste.')) as { id: string }
    // A server of a newer version may find fault with what this one's contract allows.
    const issues = [{ path: '/upserts/observations/0/rawNoteText', message: 'is not liked' }]
    const error = {
      code: 'VALIDATION_ERROR',
      message: 'no',
      retryable: false,
      traceId: '0',
      details: { issues },
    }
    link.refuse(400, { requestId: 'req_1', timestamp: '2026-02-11T18:00:00.000Z', error })
    expect(await devices.json('finn', 'sync')).toMatchObject({ state: 'idle', pending: 0, quarantined: 1 })
    const [conflict] = await conflictsOf('finn')
    expect(conflict).toMatchObject({
      code: 'QUARANTINED',
      message: '/rawNoteText is not liked',
      resolutions: ['fix', 'resubmit', 'discard'],
    })
    expect(await devices.run('finn', 'resolve', conflict?.name ?? '', 'accept_server')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('can be resolved by fix, resubmit, or discard'),
    })
    expect(await devices.json('finn', 'resolve', noted.id, 'discard')).toMatchObject({
      quarantined: 0,
      pending: 0,
    })
    expect(await devices.json('finn', 'list')).toEqual(
      expect.not.arrayContaining([expect.objectContaining({ id: noted.id })]),
    )
  })
})

describe('an address that redirects', () => {
  const redirecting = async (address: string) => {
    const seen: string[] = []
    const redirect = createServer((request, response) => {
      seen.push(String(request.url))
      request.resume()
      response.writeHead(308, { location: `${address}${request.url ?? ''}` }).end()
    })
    redirect.listen(0, '127.0.0.1')
    await once(redirect, 'listening')
    // A server that listens on TCP has an AddressInfo.
    const { port } = redirect.address() as AddressInfo
    const dispose = () => {
      redirect.close()
      redirect.closeAllConnections()
    }
    return { url: `http://127.0.0.1:${port}`, seen, [Symbol.dispose]: dispose }
  }

  it('[ENG-54, RUN-11] is named by enroll and by sync, with the new one, and keeps what was written', async () => {
    using moved = await redirecting(server.url)
    const message = `redirects to ${server.url}; nothing was sent there`
    const enrolled = await devices.run('kim', 'enroll', '--url', moved.url, '--token', tokenOf('kim'))
    expect(enrolled).toMatchObject({ code: 4, stderr: expect.stringContaining(message) })
    await enroll('kim')
    await devices.json('kim', 'note', 'White powder.')
    const folder = path.join(devices.dataDir, 'field', 'kim')
    const profile = await readProfile(folder)
    if (!profile) throw new Error('kim is enrolled')
    const configure = (url: string) =>
      writeFile(path.join(folder, 'device.json'), JSON.stringify({ ...profile, url }))
    await configure(moved.url)
    const synced = await devices.run('kim', 'sync')
    expect(synced).toMatchObject({ code: 1, stdout: expect.stringContaining(message) })
    expect(synced.stdout).toContain('1 write unsent')
    await configure(profile.url)
    expect(await devices.json('kim', 'sync')).toMatchObject({
      state: 'idle',
      pending: 0,
      problemDetail: null,
    })
  })
})

describe('quarantined records', () => {
  it('[ENG-55, RUN-11] are sent again by one command, all or those that are named', async () => {
    await using link = await stallingProxy(server.url)
    await devices.json('lea', 'enroll', '--url', link.url, '--token', tokenOf('lea'))
    for (const text of ['One.', 'Two.', 'Three.']) await devices.json('lea', 'note', text)
    const issues = [0, 1, 2].map((i) => ({
      path: `/upserts/observations/${i}/rawNoteText`,
      message: 'is odd',
    }))
    const error = {
      code: 'VALIDATION_ERROR',
      message: 'no',
      retryable: false,
      traceId: '0',
      details: { issues },
    }
    link.refuse(400, { requestId: 'req_1', timestamp: '2026-02-11T18:00:00.000Z', error })
    expect(await devices.json('lea', 'sync')).toMatchObject({ pending: 0, quarantined: 3 })
    const [first] = await conflictsOf('lea')
    expect(await devices.json('lea', 'resubmit', first?.name ?? '')).toMatchObject({
      pending: 1,
      quarantined: 2,
    })
    const all = await devices.run('lea', 'resubmit')
    expect(all).toMatchObject({ code: 0, stdout: expect.stringContaining('Queued 2 of 2') })
    expect(await devices.json('lea', 'sync')).toMatchObject({
      state: 'idle',
      sent: 3,
      pending: 0,
      quarantined: 0,
    })
  })
})

describe('what a person types', () => {
  it('[RUN-11] the end of an id that two records share is not guessed', async () => {
    await enroll('gina')
    const ids = ['obs_20260211_01KH7XQ4TNE5GZ3V8W2M777001', 'obs_20260212_01KH7XQ4TNE5GZ3V8W2M777001']
    for (const id of ids) await noteWithId('gina', id)
    const asked = await devices.run('gina', 'confirm', '777001')
    expect(asked).toMatchObject({ code: 2, stdout: '' })
    for (const id of ids) expect(asked.stderr).toContain(id)
    expect(await devices.run('gina', 'confirm', '999999')).toMatchObject({ code: 3 })
    await devices.json('gina', 'confirm', ids[1] ?? '')
    const listed = (await devices.json('gina', 'list')) as { id: string; document: { status: string } }[]
    const statuses = ids.map((id) => listed.find((each) => each.id === id)?.document.status)
    expect(statuses).toEqual(['draft', 'confirmed'])
  })
})

describe('a long first sync', () => {
  it('[RUN-11] [ENG-20] shows a person how far it is', async () => {
    await enroll('hugo')
    const rng = seededRandom(11)
    await asApp('hugo', async ({ client }) => {
      for (let i = 0; i < 520; i++) {
        const saved = await client.saveObservation(observation({ deviceId: 'dev_hugo' }, rng))
        if (!saved.ok) throw new Error(JSON.stringify(saved.issues))
      }
    })
    const sent = await devices.run('hugo', 'sync')
    expect(sent).toMatchObject({ code: 0, stdout: expect.stringContaining('sent 520') })
    const first = await devices.run('iris', 'enroll', '--url', server.url, '--token', tokenOf('iris'))
    expect(first.code).toBe(0)
    const counts = first.status.flatMap((line) =>
      line === '' ? [] : Number(/received (\d+)/.exec(line)?.[1]),
    )
    // More than one page, and the playbook.
    expect(new Set(counts).size).toBeGreaterThan(2)
    expect(Math.max(...counts)).toBeGreaterThanOrEqual(520)
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
    // The line is removed at the end.
    expect(first.status.at(-1)).toBe('')
  })
})
