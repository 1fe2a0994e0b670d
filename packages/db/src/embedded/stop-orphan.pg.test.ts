import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { stopOrphan } from './stop-orphan.ts'

describe('stopOrphan', () => {
  let dataDir = ''
  beforeEach(() => (dataDir = mkdtempSync(path.join(tmpdir(), 'fieldsync-orphan-'))))
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

  it('never signals a stranger whose pid stands in an old pid file, and clears the file', async () => {
    await mkdir(dataDir, { recursive: true })
    const stranger = spawn('sleep', ['60'], { cwd: dataDir })
    await once(stranger, 'spawn')
    const pidFile = path.join(dataDir, 'postmaster.pid')
    await writeFile(pidFile, `${stranger.pid}\n${dataDir}\n1700000000\n5432\n\n127.0.0.1\n\nready\n`)

    expect(await stopOrphan(dataDir)).toBeUndefined()
    expect(stranger.exitCode).toBeNull()
    expect(stranger.signalCode).toBeNull()
    await expect(stat(pidFile)).rejects.toThrow('ENOENT')
    stranger.kill('SIGKILL')
    await once(stranger, 'exit')
  })
})
