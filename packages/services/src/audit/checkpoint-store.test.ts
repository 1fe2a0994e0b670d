import { checkpointOrigin, checkpointText } from '@fieldsync/domain'
import { beforeEach, describe, expect, it } from 'vitest'

import { MemoryCheckpoints } from '../testing/memory-checkpoints.ts'
import { checkpointName, readSignedCheckpoints, storedCheckpoints } from './checkpoint-store.ts'
import { NoteSigner } from './signed-note.ts'

const ours = new NoteSigner(Buffer.alloc(32, 1))
const previous = new NoteSigner(Buffer.alloc(32, 2))
const stranger = new NoteSigner(Buffer.alloc(32, 3))
const KEYS = [ours.verifierKey, previous.verifierKey]
const ORIGIN = checkpointOrigin('ws_ridge', 'wsu_1')
const OTHER = checkpointOrigin('ws_ridge', 'wsu_2')

const at = (seq: number, origin = ORIGIN) => ({ origin, seq, hash: String(seq % 10).repeat(64) })
const noteOf = (checkpoint: ReturnType<typeof at>, signer = ours) => signer.sign(checkpointText(checkpoint))

describe('[AUD-12] the name of a checkpoint', () => {
  it('is the number of its row in fifteen digits and the beginning of its hash', () => {
    expect(checkpointName({ seq: 42, hash: '0123456789abcdef'.repeat(4) })).toBe(
      '000000000000042-0123456789abcdef',
    )
  })

  it('sorts as the number does', () => {
    const names = [9, 10, 100, 999_999_999_999_999].map((seq) => checkpointName(at(seq)))
    expect(names.toSorted()).toEqual(names)
  })
})

describe('the checkpoints of a chain', () => {
  let store: MemoryCheckpoints
  const add = async (name: string, note: string) => await store.add(ORIGIN, name, note)
  const stored = async (limit?: number) =>
    (await storedCheckpoints(store, ORIGIN, KEYS, limit)).map(({ seq }) => seq)

  beforeEach(async () => {
    store = new MemoryCheckpoints()
    for (const seq of [1, 20, 3]) await add(checkpointName(at(seq)), noteOf(at(seq)))
  })

  it('[AUD-12] are those in its store, the newest first, each with the note that says it', async () => {
    expect(await storedCheckpoints(store, ORIGIN, KEYS)).toEqual(
      [20, 3, 1].map((seq) => ({ ...at(seq), note: noteOf(at(seq)) })),
    )
    expect(await storedCheckpoints(store, OTHER, KEYS)).toEqual([])
  })

  it('[AUD-13] count with the signature of an earlier key, and not with that of a key that is unknown', async () => {
    await add(checkpointName(at(40)), noteOf(at(40), previous))
    await add(checkpointName(at(50)), noteOf(at(50), stranger))
    expect(await stored()).toEqual([40, 20, 3, 1])
  })

  it('[AUD-33] of another chain that lie among them, rightly signed, are none of it', async () => {
    await add(checkpointName(at(60)), noteOf(at(60, OTHER)))
    expect(await stored()).toEqual([20, 3, 1])
  })

  it('[AUD-13] are read up to a limit of names, of which other files in the folder are none', async () => {
    await add('z-000000000000070-copy', noteOf(at(70)))
    await add('9-latest', noteOf(at(80)))
    await add('999999999999999', noteOf(at(90)))
    expect(await stored()).toEqual([20, 3, 1])
    expect(await stored(2)).toEqual([20, 3])
    expect(await stored(0)).toEqual([])
  })

  it('[AUD-13] are not hidden by what is none: an empty note, a changed one, a signed text of another kind', () => {
    const good = noteOf(at(1))
    const others = ['', good.replace('\n1\n', '\n2\n'), ours.sign('fieldsync/audit/ws_ridge/wsu_1\n1\n')]
    expect(readSignedCheckpoints([...others, good, ...others], KEYS)).toEqual([{ ...at(1), note: good }])
  })
})
