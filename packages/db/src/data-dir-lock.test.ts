import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { DataDirLockedError, lockDataDir } from './data-dir-lock.ts'

const HOLDER = `
  const { lockDataDir } = await import(${JSON.stringify(path.join(import.meta.dirname, 'data-dir-lock.ts'))})
  globalThis.lock = lockDataDir(process.argv[1])
  process.stdout.write('held')
  setInterval(() => {}, 60_000)
`

describe('lockDataDir', () => {
  let folder = ''
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'fieldsync-lock-'))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('refuses a second holder in the same process, and lets the next one in after release', () => {
    const first = lockDataDir(folder)
    expect(() => lockDataDir(folder)).toThrow(DataDirLockedError)
    first[Symbol.dispose]()
    lockDataDir(folder)[Symbol.dispose]()
  })

  it('names folder and pid of the server that holds it', async () => {
    const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, folder])
    await once(holder.stdout, 'data')
    expect(() => lockDataDir(folder)).toThrow(`${folder} is in use by a server (pid ${holder.pid})`)
    holder.kill('SIGKILL')
    await once(holder, 'exit')
  })

  it('is free again the moment its holder was killed', async () => {
    const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, folder])
    await once(holder.stdout, 'data')
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    lockDataDir(folder)[Symbol.dispose]()
  })

  it('creates a missing folder that no other user may enter', () => {
    lockDataDir(path.join(folder, 'new'))[Symbol.dispose]()
    expect(statSync(path.join(folder, 'new')).mode & 0o777).toBe(0o700)
  })
})
