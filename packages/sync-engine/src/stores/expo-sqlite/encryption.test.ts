import { readFileSync, rmSync, writeFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { openExpoSqliteStore } from './expo-sqlite-store.ts'
import { encryptedPhone, NAME, NOTE } from './testing/encrypted-phone.ts'

describe('an encrypted store', () => {
  it('[STO-17] is new with a new key, and opened by all who want it at once with the same', async () => {
    const { find, names } = encryptedPhone()
    const [one, other] = await Promise.all([find(), find()])
    expect(other).toEqual(one)
    expect(one.key).toMatch(/^[0-9a-f]{64}$/)
    expect(names()).toEqual([])
  })

  it('[STO-17] is never written by a SQLite that cannot encrypt', async () => {
    const open = ({ plain: sqlite, key, files }: ReturnType<typeof encryptedPhone>) =>
      openExpoSqliteStore({ sqlite, databaseName: NAME, encryption: { key, files } })
    await expect(open(encryptedPhone())).rejects.toMatchObject({ code: 'unavailable' })
    const used = encryptedPhone()
    await used.writePlain()
    await expect(open(used)).rejects.toMatchObject({ code: 'unavailable' })
    expect(used.names()).toEqual([NAME])
  })

  it('[STO-17] is refused by a build that cannot decrypt it, which writes no other beside it', async () => {
    const { plain, files, at, names } = encryptedPhone()
    const open = () =>
      openExpoSqliteStore({ sqlite: plain, databaseName: NAME, encryption: { key: null, files } })
    for (const name of ['encrypted', 'exported']) {
      writeFileSync(at(`${NAME}.${name}`), 'encrypted')
      await expect(open()).rejects.toMatchObject({ code: 'locked' })
      expect(names()).toEqual([`${NAME}.${name}`])
      rmSync(at(`${NAME}.${name}`))
    }
    await (await open()).close()
  })

  it('[STO-17] beside which an older build has written another is not opened, and neither is deleted', async () => {
    const { find, key, writePlain, at, names } = encryptedPhone()
    await key.create()
    writeFileSync(at(`${NAME}.encrypted`), 'encrypted')
    await writePlain()
    await expect(find()).rejects.toMatchObject({ code: 'damaged' })
    expect(names()).toEqual([NAME, `${NAME}.encrypted`])
    expect(readFileSync(at(NAME), 'latin1')).toContain(NOTE)
  })
})
