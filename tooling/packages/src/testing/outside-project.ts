import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import type { Tarballs } from '../pack-packages.ts'
import { runCommand } from '../run-command.ts'

export type ProjectOptions = {
  readonly name: string
  /** Installed besides the published packages, as in a manifest. */
  readonly dependencies: Readonly<Record<string, string>>
  /** Other fields of its manifest. */
  readonly manifest?: Readonly<Record<string, unknown>>
  /** Content by path in the project; a `file:` URL is copied. */
  readonly files: Readonly<Record<string, string | URL>>
  readonly tarballs: Tarballs
}

/** A project in a temporary folder, which shares nothing with this workspace. Disposing deletes it. */
export type OutsideProject = AsyncDisposable & {
  readonly folder: string
  /** Runs a program of the project with a Node, the one of this process by default, and returns its stdout. */
  readonly node: (args: readonly string[], options?: NodeOptions) => Promise<string>
}

type NodeOptions = {
  readonly env?: Readonly<Record<string, string>>
  /** Path of another Node's program. */
  readonly program?: string
}

/** Variables that a command needs to run at all, and those that lead npm to its registry. */
const INHERITED = /^(?:PATH|HOME|TMPDIR|LANG|npm_config_.*|.*_proxy|NODE_EXTRA_CA_CERTS)$/i

/** Writes a project and installs it with npm from the tarballs and the registry. */
export async function createProject(options: ProjectOptions): Promise<OutsideProject> {
  const { name, dependencies, manifest = {}, files, tarballs } = options
  const folder = await mkdtemp(path.join(tmpdir(), `fieldsync-outside-${name}-`))
  const environment = Object.fromEntries(Object.entries(process.env).filter(([key]) => INHERITED.test(key)))
  const ours = Object.entries(tarballs).map(([key, file]) => [key, `file:${file}`] as const)
  const packageJson = {
    name,
    version: '1.0.0',
    private: true,
    ...manifest,
    dependencies: { ...Object.fromEntries(ours), ...dependencies },
  }
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    await writeFiles(folder, { 'package.json': JSON.stringify(packageJson, null, 2), ...files })
    await runCommand('npm', ['install', '--no-audit', '--no-fund'], { cwd: folder, env: environment })
  } catch (error) {
    await remove()
    throw error
  }
  return {
    folder,
    node: (args, { env = {}, program = process.execPath } = {}) =>
      runCommand(program, args, { cwd: folder, env: { ...environment, ...env } }),
    [Symbol.asyncDispose]: remove,
  }
}

async function writeFiles(folder: string, files: Readonly<Record<string, string | URL>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const target = path.join(folder, name)
    await mkdir(path.dirname(target), { recursive: true })
    if (content instanceof URL) await cp(content, target)
    else await writeFile(target, content)
  }
}
