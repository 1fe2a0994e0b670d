import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { obtainSecretFile, readSecretFile, SecretError } from './secret-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-secrets-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('secret files', () => {
  it('[RUN-5] are made once, with mode 0600 in a folder of mode 0700, and read afterwards', async () => {
    const file = path.join(folder, 'secrets', 'pepper')
    const made = await obtainSecretFile(file)
    expect(made).toMatch(/^[\w-]{43}$/)
    expect(await obtainSecretFile(file)).toBe(made)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700)
  })

  it('[RUN-5] are the same for all who make them at once, and leave no drafts', async () => {
    const file = path.join(folder, 'pepper')
    const made = await Promise.all(Array.from({ length: 20 }, () => obtainSecretFile(file)))
    expect(new Set(made).size).toBe(1)
    expect(await readdir(folder)).toEqual(['pepper'])
  })

  it.each(['0640', '0620', '0610', '0604', '0602', '0601'])(
    '[RUN-5] are closed to others when they had mode %s',
    async (mode) => {
      const file = path.join(folder, 'pepper')
      await writeFile(file, `${'x'.repeat(40)}\n`)
      await chmod(file, Number.parseInt(mode, 8))
      expect(await readSecretFile(file)).toBe('x'.repeat(40))
      expect((await stat(file)).mode & 0o777).toBe(0o600)
    },
  )

  it('are refused when cut short, without showing them', async () => {
    const file = path.join(folder, 'pepper')
    await writeFile(file, 'canary')
    const failure = await obtainSecretFile(file).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(SecretError)
    expect(String(failure)).toContain(file)
    expect(String(failure)).not.toContain('canary')
  })

  it('say which file cannot be made', async () => {
    await writeFile(path.join(folder, 'secrets'), 'a file where the folder should be')
    await expect(obtainSecretFile(path.join(folder, 'secrets', 'pepper'))).rejects.toThrow(
      /secrets\/pepper: (ENOTDIR|EEXIST)/,
    )
  })
})
