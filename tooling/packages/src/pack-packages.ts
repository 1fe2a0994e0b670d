import { mkdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'

import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

import { buildPackage } from './build-package.ts'
import { folderOf, PUBLISHED, readManifest, TARBALLS } from './published-packages.ts'
import { runCommand } from './run-command.ts'

// Named here alone, so that no installation of the workspace depends on it.
const PNPMFILE = path.join(import.meta.dirname, 'pnpmfile.mjs')

/** The tarballs, by the name of the package: `@fieldsync/client`. */
export type Tarballs = Readonly<Record<string, string>>

/**
 * Builds every published package and packs it into `.data/packages`. pnpm replaces `workspace:` and `catalog:` by versions,
 * and `exports` by those of `publishConfig`.
 * @throws Error when a build fails or publint finds something in a tarball's layout
 */
export async function packPackages(): Promise<Tarballs> {
  await rm(TARBALLS, { recursive: true, force: true })
  await mkdir(TARBALLS, { recursive: true })
  const tarballs: Record<string, string> = {}
  for (const name of PUBLISHED) {
    await buildPackage(name)
    const manifest = await readManifest(name)
    const tarball = path.join(TARBALLS, `fieldsync-${name}-${manifest.version}.tgz`)
    await runCommand('pnpm', ['pack', '--out', tarball, `--config.pnpmfile=${PNPMFILE}`], {
      cwd: folderOf(name),
    })
    await lint(tarball)
    tarballs[manifest.name] = tarball
  }
  return tarballs
}

async function lint(file: string): Promise<void> {
  const { buffer } = new Uint8Array(await readFile(file))
  const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true })
  const findings = messages.map((message) => formatMessage(message, pkg, { color: false }))
  if (findings.length > 0) throw new Error(`${path.basename(file)}: ${findings.join('; ')}`)
}
