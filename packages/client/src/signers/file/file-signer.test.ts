import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { verifiesItself } from '../../testing/verifies-itself.ts'
import { keyFiles, openFileSigner } from './file-signer.ts'

const OWNER = { url: 'http://127.0.0.1:8787', name: 'dev_scout_1' }

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-keys-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return path.join(folder, 'keys')
}

const onlyFile = async (folder: string): Promise<string> => {
  const files = await readdir(folder)
  expect(files).toHaveLength(1)
  return path.join(folder, files[0] ?? '')
}

describe('[ENG-71] a key in a file', () => {
  it('is readable by its owner alone, and the same the next time', async () => {
    const folder = await emptyFolder()
    const signer = await openFileSigner({ folder, owner: OWNER })
    expect([signer.storage, await verifiesItself(signer)]).toEqual(['software', true])
    expect((await stat(await onlyFile(folder))).mode & 0o777).toBe(0o600)
    const again = await openFileSigner({ folder, owner: OWNER })
    expect(await again.publicKeyJwk()).toEqual(await signer.publicKeyJwk())
  })

  it('is one, however many create it at once', async () => {
    const folder = await emptyFolder()
    const signers = await Promise.all(
      Array.from({ length: 8 }, () => openFileSigner({ folder, owner: OWNER })),
    )
    const keys = await Promise.all(signers.map(async (signer) => (await signer.publicKeyJwk()).x))
    expect(new Set(keys).size).toBe(1)
    await onlyFile(folder)
  })

  it('stays where another process creates one after it', async () => {
    const storage = keyFiles(await emptyFolder(), 'one')
    expect(await storage.read()).toEqual([])
    for (const key of ['first', 'second'])
      expect(await storage.create(0, key)).toMatchObject({ generation: 0, key: 'first' })
  })

  it.each(['640', '604', '620', '602'])('is refused where others have access (%s)', async (mode) => {
    const folder = await emptyFolder()
    await openFileSigner({ folder, owner: OWNER })
    await chmod(await onlyFile(folder), Number.parseInt(mode, 8))
    await expect(openFileSigner({ folder, owner: OWNER })).rejects.toThrow(
      /^Others may read or write the key/,
    )
  })

  it('that is damaged is refused, and stays', async () => {
    const folder = await emptyFolder()
    await openFileSigner({ folder, owner: OWNER })
    const file = await onlyFile(folder)
    await writeFile(file, 'half')
    await expect(openFileSigner({ folder, owner: OWNER })).rejects.toThrow('The stored key is damaged.')
    expect(await readFile(file, 'utf8')).toBe('half')
  })

  it('can be removed, more than once', async () => {
    const folder = await emptyFolder()
    const signer = await openFileSigner({ folder, owner: OWNER })
    await signer.deleteKey()
    await signer.deleteKey()
    expect(await readdir(folder)).toEqual([])
  })

  it('that cannot be stored is no key', async () => {
    const folder = await emptyFolder()
    await writeFile(folder, 'a file in its place')
    await expect(openFileSigner({ folder, owner: OWNER })).rejects.toThrow(/ENOTDIR/)
    // There is room for its name, and none for that of its draft.
    const storage = keyFiles(tmpdir(), 'k'.repeat(245))
    expect(await storage.read()).toEqual([])
    await expect(storage.create(0, 'key')).rejects.toThrow(/ENAMETOOLONG/)
    const nowhere = path.dirname(await emptyFolder())
    await symlink(path.join(nowhere, 'missing'), path.join(nowhere, 'link.key'))
    await expect(keyFiles(nowhere, 'link').create(0, 'key')).rejects.toThrow(/^The key cannot be stored in/)
  })
})
