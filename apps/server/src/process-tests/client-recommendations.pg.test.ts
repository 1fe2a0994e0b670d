import { createFieldsyncClient, deviceToken } from '@fieldsync/client'
import { DeviceId, PatchId, PlaybookId, type Recommendation } from '@fieldsync/contracts'
import { startServer, testDatabase } from '@fieldsync/testkit'
import { afterAll, expect, it } from 'vitest'

import { clientDevices } from '../testing/client-devices.ts'

const tokenOf = (name: string) => `pre-shared-token-of-${name}`
const server = await startServer({
  env: {
    ...(await testDatabase()).serverEnv,
    PEPPER: 'the pepper of the tests of recommendations',
    DEVICE_TOKENS: ['anna', 'ben', 'office#admin']
      .map((name) => `ws_ridge/dev_${name}=${tokenOf(name.replace('#admin', ''))}`)
      .join(','),
  },
})
const { url } = server
afterAll(() => server[Symbol.asyncDispose]())

it('[RUN-11] [AGR-17] is computed without a network, and once; decided, and synced', async () => {
  await using devices = await clientDevices()
  for (const name of ['anna', 'ben'])
    await devices.run(name, 'enroll', '--url', url, '--token', tokenOf(name))
  const words = ['note', 'White powder in block 7.', '--issue', 'powdery_mildew', '--severity', 'moderate']
  const note = (await devices.json('anna', ...words, '--wind', '8')) as { shortId: string }
  const made = (await devices.json('anna', 'recommend', note.shortId)) as {
    shortId: string
    pending: number
    recommendation: { timingWindow: object }
  }
  expect(made).toMatchObject({
    pending: 2,
    recommendation: {
      riskFlags: ['weather_data_missing'],
      timingWindow: { localTimezone: 'America/Los_Angeles', confidence: 0.8 },
    },
  })
  const again = await devices.run('anna', 'recommend', note.shortId)
  expect(again.stdout).toContain('It is on this device already.')
  expect(again.stdout).toMatch(/drivers +.*maxWindKph=12/)
  expect(await devices.json('anna', 'status')).toMatchObject({ pending: 2 })
  expect(await devices.run('anna', 'recommend', note.shortId, '--time-zone', 'Mars')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no time zone "Mars"'),
  })

  const other = (await devices.json('anna', 'note', 'Something else.')) as { shortId: string }
  expect(await devices.run('anna', 'recommend', other.shortId)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('has a rule'),
  })
  await devices.json('anna', 'confirm', made.shortId)
  expect(await devices.run('anna', 'reject', made.shortId)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is confirmed already'),
  })
  await devices.json('anna', 'confirm', note.shortId)
  expect(await devices.json('anna', 'sync')).toMatchObject({ sent: 3, conflicts: 0 })
  await devices.json('ben', 'sync')
  expect(await devices.json('ben', 'recommendations')).toMatchObject([
    { status: 'synced', document: { ...made.recommendation, status: 'confirmed' } },
  ])
  const listed = await devices.run('ben', 'recommendations')
  expect(listed.stdout).toMatch(new RegExp(`${made.shortId} +synced +confirmed +${note.shortId}`))
})

it('[RUN-11] [AGR-9] is computed with the weather of its place on request, by a device with a key alone', async () => {
  await using devices = await clientDevices()
  await devices.run('ben', 'enroll', '--url', url, '--token', tokenOf('ben'))
  const words = ['note', 'White powder.', '--issue', 'powdery_mildew', '--severity', 'moderate']
  const { shortId } = (await devices.json('ben', ...words, '--lat', '38.5', '--lon', '-121.7')) as {
    shortId: string
  }
  expect(await devices.run('ben', 'recommend', shortId, '--live')).toMatchObject({ code: 1 })
  const nowhere = (await devices.json('ben', ...words)) as { shortId: string }
  expect(await devices.run('ben', 'recommend', nowhere.shortId, '--live')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('omit --live'),
  })

  const admin = createFieldsyncClient({ url, credentials: deviceToken(tokenOf('office')) }).api
  const deviceId = DeviceId.parse('dev_keyed')
  const { link } = await admin.devices.openEnrollment.mutate({ deviceId, role: 'scout' })
  await devices.run('keyed', 'enroll', '--link', link ?? '')
  const seen = (await devices.json('keyed', ...words, '--lat', '38.5', '--lon', '-121.7')) as {
    shortId: string
  }
  // The server of this test has no weather service.
  expect(await devices.json('keyed', 'recommend', seen.shortId, '--live')).toMatchObject({
    recommendation: { weatherFeaturesId: 'wxf_19700101_none', riskFlags: ['weather_data_missing'] },
  })
})

it('[RUN-11] [REC-16] is replaced by a successor after the playbook has changed, and only that one can be confirmed', async () => {
  await using devices = await clientDevices()
  await devices.run('anna', 'enroll', '--url', url, '--token', tokenOf('anna'))
  const words = [
    'note',
    'White powder.',
    '--issue',
    'powdery_mildew',
    '--severity',
    'moderate',
    '--wind',
    '8',
  ]
  const { shortId } = (await devices.json('anna', ...words)) as { shortId: string }
  const first = (await devices.json('anna', 'recommend', shortId)) as { id: string; shortId: string }
  await devices.json('anna', 'sync')
  const { playbooks } = createFieldsyncClient({ url, credentials: deviceToken(tokenOf('office')) }).api
  const playbookId = PlaybookId.parse('pbk_yolo_grape')
  const { version } = await playbooks.get.query({ playbookId })
  const operations = [
    { op: 'replace' as const, path: '/rules/rule_pm_moderate/constraints/maxWindKph', value: 10 },
  ]
  await playbooks.applyPatch.mutate({
    patchId: PatchId.parse('pch_20260211_0001'),
    playbookId,
    baseVersion: version,
    requestedByDeviceId: DeviceId.parse('dev_office'),
    requestedAt: new Date().toISOString(),
    reason: 'Drift towards the levee road.',
    operations,
  })
  await devices.json('anna', 'sync')
  expect(await devices.run('anna', 'confirm', first.shortId)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('was replaced by'),
  })
  const all = (await devices.json('anna', 'recommendations')) as { document: Recommendation }[]
  const successor = all.find(({ document }) => document.supersedes === first.id)?.document
  expect(successor?.timingWindow.drivers).toContain('maxWindKph=10')
  await devices.json('anna', 'confirm', successor?.recommendationId ?? '')
  expect(await devices.json('anna', 'sync')).toMatchObject({ sent: 1, conflicts: 0 })
})
