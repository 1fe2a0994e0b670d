import { rm } from 'node:fs/promises'
import path from 'node:path'

import { type InputOptions, rolldown } from 'rolldown'
import { dts } from 'rolldown-plugin-dts'

import { folderOf, type PublishedName, readManifest, REPOSITORY } from './published-packages.ts'
import { runCommand } from './run-command.ts'

/** What Node 20, browsers of 2022 and Hermes run without a further compiler. */
const TARGET = 'es2022'
/** Of this package the published ones use the router's type alone, so their declarations contain a copy of it. */
const INLINED = '@fieldsync/api'

/**
 * Writes a package's `dist`: one JavaScript module and one declaration file per published entry point, and what they share
 * in `dist/shared`. Dependencies stay imports.
 * @throws Error when a source has a type error, or the router's declarations were not written before
 */
export async function buildPackage(name: PublishedName): Promise<void> {
  const folder = folderOf(name)
  const { exports, publishConfig } = await readManifest(name)
  const sources: Record<string, string> = {}
  const declarations: Record<string, string> = {}
  for (const [subpath, { default: built }] of Object.entries(publishConfig.exports)) {
    const source = exports[subpath]
    if (source === undefined)
      throw new Error(`packages/${name} publishes ${subpath}, which it does not export`)
    const entry = built.replace(/^\.\/dist\/|\.js$/g, '')
    sources[entry] = source
    declarations[entry] = source.replace('./src/', './dist-types/').replace(/\.ts$/, '.d.ts')
  }
  for (const made of ['dist', 'dist-types'])
    await rm(path.join(folder, made), { recursive: true, force: true })

  await bundle(folder, '.js', { input: sources, transform: { target: TARGET } })
  // The project's own compiler writes the declarations of each source; the plugin only joins them.
  const tsc = path.join(REPOSITORY, 'node_modules/typescript/bin/tsc')
  await runCommand(process.execPath, [tsc, '-p', 'tsconfig.types.json'], { cwd: folder })
  const joined = dts({ dtsOnly: true, tsconfig: false, generator: 'oxc' })
  await bundle(folder, '.d.ts', { input: declarations, plugins: [joined] })
}

async function bundle(folder: string, ending: '.js' | '.d.ts', options: InputOptions): Promise<void> {
  await using build = await rolldown({
    cwd: folder,
    platform: 'neutral',
    checks: { pluginTimings: false },
    external: (id) => !id.startsWith('.') && !path.isAbsolute(id) && !id.startsWith(INLINED),
    ...options,
  })
  await build.write({
    dir: path.join(folder, 'dist'),
    format: 'es',
    chunkFileNames: `shared/[name]-[hash]${ending}`,
  })
}
