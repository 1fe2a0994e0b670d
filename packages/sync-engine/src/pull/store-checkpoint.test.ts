import { Device } from '@fieldsync/contracts'
import { checkpointOrigin, checkpointText } from '@fieldsync/domain'
import { device } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { composeCall } from '../push/compose-batch.ts'
import { startFullPull } from '../recover/full-pull.ts'
import { waiting } from './testing/waiting.ts'

const UID = `wsu_${'0'.repeat(32)}`
const note = (seq: number, uid = UID): string =>
  `${checkpointText({ origin: checkpointOrigin('ws_ridge', uid), seq, hash: 'ab'.repeat(32) })}\n— fieldsync-audit AbCd\n`
const phone = Device.parse(device({ deviceId: 'dev_scout_1' }))

/** What the device stores after answers with these checkpoints. */
async function answeredWith(...checkpoints: (string | undefined)[]) {
  const world = await waiting([])
  await world.change(async (changeset) => {
    changeset.position.owner = `${UID}/dev_scout_1`
  })
  for (const [i, checkpoint] of checkpoints.entries())
    await world.answered({}, [], {
      by: { ...world.call, cursor: i === 0 ? '1' : '2' },
      ...(checkpoint !== undefined && { checkpoint }),
    })
  return world
}

describe('the checkpoint of an answer', () => {
  it.each([
    ['none', [undefined], undefined],
    ['the first', [note(4)], note(4)],
    ['a later one', [note(4), undefined, note(9)], note(9)],
    ['an earlier one', [note(9), note(4)], note(9)],
    ['one of another workspace', [note(4), note(9, `wsu_${'1'.repeat(32)}`)], note(4)],
    ['no note', [note(4), 'checkpoint', ''], note(4)],
  ])('[ENG-85] is stored where it is newer and of this workspace: %s', async (_, checkpoints, expected) => {
    const { stored } = await answeredWith(...checkpoints)
    expect(stored('checkpoint')).toBe(expected)
  })

  it('[ENG-85] of an answer that is no longer waited for changes nothing', async () => {
    const { answered, call, stored } = await answeredWith(note(4))
    expect(await answered({}, [], { by: { ...call, cursor: '0' }, checkpoint: note(9) })).toBeNull()
    expect(stored('checkpoint')).toBe(note(4))
  })

  it('[ENG-85] stays when the device starts over from the beginning', async () => {
    const { change, stored } = await answeredWith(note(4))
    await change((changeset, transaction) => startFullPull(changeset, transaction, 'cursor'))
    expect(stored('checkpoint')).toBe(note(4))
  })

  it.each([
    ['1.7.0', note(4)],
    ['1.6.0', undefined],
  ])('[ENG-86, ENG-32] is reported to a server of contract %s', async (contract, expected) => {
    const { change, context } = await answeredWith(note(4))
    const { body } = await change(async (changeset) => {
      changeset.serverContract = contract
      return (await composeCall(context, changeset, phone, [], 10)).call
    })
    const { report } = JSON.parse(body) as { report: { checkpoint?: string } }
    expect(report.checkpoint).toBe(expected)
  })
})
