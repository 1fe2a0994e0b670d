import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const MODULE = path.join(import.meta.dirname, 'run-child.mjs')

// The wrapper runs the child given as its last arguments, as `npm start` does with the server.
const WRAPPER = `
  const { runChild } = await import(${JSON.stringify(MODULE)})
  process.exit(await runChild(process.execPath, process.argv.slice(1), {}))
`
// The child reports when it is ready, and leaves a file when it was asked to end.
const CHILD = `
  process.on('SIGTERM', () => {
    require('node:fs').writeFileSync(process.argv[1], '')
    process.exit(0)
  })
  setInterval(() => {}, 60_000)
  console.log('ready')
`

describe('runChild', () => {
  let folder = ''
  let drained = ''
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'fieldsync-child-'))
    drained = path.join(folder, 'drained')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const wrapped = (...args: string[]) => ['--input-type=module', '-e', WRAPPER, '--', ...args]

  it('ends with the exit code of the child', () => {
    expect(spawnSync(process.execPath, wrapped('-e', 'process.exit(7)')).status).toBe(7)
    expect(spawnSync(process.execPath, wrapped('-e', 'process.kill(process.pid, "SIGKILL")')).status).toBe(
      137,
    )
  })

  it('passes SIGTERM on and waits for the child to end', async () => {
    const wrapper = spawn(process.execPath, wrapped('-e', CHILD, drained))
    await once(wrapper.stdout, 'data')
    wrapper.kill('SIGTERM')
    expect(await once(wrapper, 'exit')).toEqual([0, null])
    expect(existsSync(drained)).toBe(true)
  })

  it('ends the child when the one that started it dies without a word', async () => {
    const script = path.join(folder, 'wrapper.mjs')
    writeFileSync(script, WRAPPER.replace('slice(1)', 'slice(2)'))
    const child = path.join(folder, 'child.cjs')
    writeFileSync(child, CHILD.replace('argv[1]', 'argv[2]'))
    const line = [process.execPath, script, child, drained].map((word) => `'${word}'`).join(' ')
    const shell = spawn('sh', ['-c', `${line}; exit $?`])
    await once(shell.stdout, 'data')
    shell.kill('SIGKILL')
    await once(shell, 'exit')
    await expect.poll(() => existsSync(drained), { timeout: 10_000 }).toBe(true)
  })
})
