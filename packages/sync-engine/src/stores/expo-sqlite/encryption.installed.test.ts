import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { encryptedPhone, NAME, NOTE } from './testing/encrypted-phone.ts'

describe('an encrypted store, with SQLCipher itself', () => {
  it('[STO-17] has what the plain one had, and none of it can be read without its key', async () => {
    const { writePlain, find, read, names, at } = encryptedPhone()
    await writePlain()
    expect(readFileSync(at(NAME), 'latin1')).toContain(NOTE)
    const location = await find()
    expect(location).toEqual({
      databaseName: `${NAME}.encrypted`,
      key: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    const { rows, version } = await read(location)
    expect(JSON.stringify(rows)).toContain(NOTE)
    expect(version).toEqual([{ user_version: expect.any(Number) }])
    expect(names()).toEqual([location.databaseName])
    for (const name of readdirSync(path.dirname(at(NAME))))
      expect(readFileSync(at(name), 'latin1'), name).not.toContain('Mildew')
    expect(await find()).toEqual(location)
  })

  it(
    '[STO-17] is whole whenever the process died, and goes on at the next start',
    { timeout: 60_000 },
    async () => {
      const whole = encryptedPhone()
      await whole.writePlain()
      await whole.find()
      expect(whole.steps).toBeGreaterThan(20)
      for (let step = 1; step <= whole.steps; step++) {
        const device = encryptedPhone()
        await device.writePlain()
        device.dieAt(step)
        await expect(device.find(), `step ${step}`).rejects.toThrow('killed')
        device.dieAt(Number.POSITIVE_INFINITY)
        const { rows } = await device.read(await device.find())
        expect(JSON.stringify(rows), `step ${step}`).toContain(NOTE)
        expect(device.names(), `step ${step}`).toEqual([`${NAME}.encrypted`])
      }
    },
  )

  it.each([
    ['a row', 'DELETE FROM encrypted.records'],
    ['a table', 'DROP TABLE encrypted.records'],
  ])('[STO-17] that lacks %s does not take the place of the plain one', async (_, sql) => {
    const device = encryptedPhone()
    await device.writePlain()
    device.spoil(sql)
    await expect(device.find()).rejects.toThrow('records')
    expect(device.names()).toContain(NAME)
    device.spoil(null)
    const { rows } = await device.read(await device.find())
    expect(JSON.stringify(rows)).toContain(NOTE)
  })

  it('[STO-17] is kept where its key is missing or another one', async () => {
    const { writePlain, find, read, loseKey, otherKey, at, names } = encryptedPhone()
    await writePlain()
    const location = await find()
    const before = readFileSync(at(location.databaseName))
    loseKey()
    await expect(find()).rejects.toMatchObject({ code: 'locked' })
    otherKey()
    await expect(read(await find())).rejects.toMatchObject({ code: 'locked' })
    expect(readFileSync(at(location.databaseName)).equals(before)).toBe(true)
    expect(names()).toEqual([location.databaseName])
  })
})
