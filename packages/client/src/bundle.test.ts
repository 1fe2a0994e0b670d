import path from 'node:path'
import { gzipSync } from 'node:zlib'

import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'

const MOST_BYTES = 64 * 1024
const MOST_BYTES_OF_KEYS = 4.5 * 1024
const SERVER_CODE = /packages\/(?:api|services|db|testkit)\/|apps\/|\/(?:express|pg|pino|@prisma)[@/]/

type Bundle = { readonly gzipped: number; readonly inputs: string[]; readonly imports: string[] }

/** The bundle of an app that imports these names, for a browser; zod is excluded, since an app has it anyway. */
async function bundled(names: string, ...more: string[]): Promise<Bundle> {
  const contents = [`export ${names} from './index.ts'`, ...more].join('\n')
  const result = await build({
    stdin: { contents, resolveDir: import.meta.dirname, loader: 'ts' },
    absWorkingDir: path.resolve(import.meta.dirname, '../../..'),
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external: ['zod'],
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  const [output] = Object.values(result.metafile.outputs)
  const [file] = result.outputFiles
  if (!output || !file) throw new Error('esbuild made nothing')
  return {
    gzipped: gzipSync(file.contents).length,
    inputs: Object.entries(output.inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([input]) => input),
    imports: [...new Set(output.imports.map((each) => each.path))],
  }
}

describe('the client in an app', () => {
  it(`is below ${MOST_BYTES / 1024} KB, and holds neither a platform's modules nor the server's code`, async () => {
    const { gzipped, inputs, imports } = await bundled('*')
    expect(gzipped).toBeLessThan(MOST_BYTES)
    // A Node module would already fail the build.
    expect(imports).toEqual(['zod'])
    expect(inputs.filter((input) => SERVER_CODE.test(input))).toEqual([])
    expect(inputs.some((input) => input.includes('packages/contracts/'))).toBe(true)
  })

  it('is only what the app uses', async () => {
    const all = await bundled('*')
    const errors = await bundled('{ isFieldsyncError, NetworkError }')
    expect(errors.gzipped).toBeLessThan(all.gzipped / 3)
    expect(
      errors.inputs.filter((input) => /trpc|eventsource|noble|src\/live|sync-engine/.test(input)),
    ).toEqual([])
  })

  it(`has of keys what the app uses, below ${MOST_BYTES_OF_KEYS / 1024} KB beside the signer`, async () => {
    const without = await bundled('*')
    expect(without.inputs.filter((input) => /src\/(?:device-key|signers)|noble\/curves/.test(input))).toEqual(
      [],
    )
    const withKeys = await bundled('*', `export * from './device-key/device-key.ts'`)
    expect(withKeys.gzipped - without.gzipped).toBeLessThan(MOST_BYTES_OF_KEYS)
    expect(withKeys.inputs.filter((input) => /src\/signers|noble\/curves/.test(input))).toEqual([])
  })
})
