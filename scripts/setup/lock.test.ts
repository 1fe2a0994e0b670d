import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { withSetupLock } from './lock.mjs'

describe('withSetupLock', () => {
  let folder = ''
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'fieldsync-setup-'))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('lets one set-up run at a time', async () => {
    const order: string[] = []
    const gate = Promise.withResolvers<void>()
    const first = withSetupLock(async () => {
      order.push('first begins')
      await gate.promise
      order.push('first ends')
    }, folder)
    const second = withSetupLock(() => order.push('second'), folder)
    gate.resolve()
    await Promise.all([first, second])
    expect(order).toEqual(['first begins', 'first ends', 'second'])
    expect(readdirSync(folder)).toEqual([])
  })

  it.each([
    ['a holder that is gone', '4194304 1'],
    ['a number that belongs to another process now', `${process.pid} 1`],
    ['a holder that never wrote its name', ''],
  ])('does not wait for %s', async (_, content) => {
    writeFileSync(path.join(folder, 'setup.lock'), content)
    expect(await withSetupLock(() => 'ran', folder)).toBe('ran')
    expect(readdirSync(folder)).toEqual([])
  })

  it('is given back when the work fails', async () => {
    const failing = withSetupLock(() => {
      throw new Error('no network')
    }, folder)
    await expect(failing).rejects.toThrow('no network')
    expect(readdirSync(folder)).toEqual([])
  })
})
