import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'

import { packPackages } from '../pack-packages.ts'
import { REPOSITORY } from '../published-packages.ts'
import { compile, type Compiler, COMPILERS, tsconfig } from '../testing/compilers.ts'
import { createProject, type OutsideProject } from '../testing/outside-project.ts'

const EXAMPLE = path.join(REPOSITORY, 'packages/client/examples/expo/open-client.ts')
/** What the example needs of Expo, in the versions of the field app, which work together. */
const MODULES = new Set([
  'expo',
  'expo-crypto',
  'expo-network',
  'expo-secure-store',
  'expo-sqlite',
  'react',
  'react-native',
  '@types/react',
])
const Manifest = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
})
const APP = `import { useEffect, useState } from 'react'
import { Text } from 'react-native'
import { openClient } from './open-client.ts'

export default function App() {
  const [state, setState] = useState('opening')
  useEffect(() => {
    void openClient('dev_phone_1').then((client) => setState(client.status().state))
  }, [])
  return <Text>{state}</Text>
}
`
const ENTRY = `import { registerRootComponent } from 'expo'
import App from './App.tsx'

registerRootComponent(App)
`

describe('a project for Expo', () => {
  let project: OutsideProject
  beforeAll(async () => {
    const app = await readFile(path.join(REPOSITORY, 'apps/mobile/package.json'), 'utf8')
    const { dependencies, devDependencies } = Manifest.parse(JSON.parse(app))
    const versions = Object.entries({ ...devDependencies, ...dependencies })
    project = await createProject({
      name: 'expo',
      tarballs: await packPackages(),
      manifest: { main: 'index.ts', overrides: { 'expo-constants': '57.0.20' } },
      dependencies: {
        ...Object.fromEntries(versions.filter(([name]) => MODULES.has(name))),
        ...COMPILERS,
      },
      files: {
        'app.json': JSON.stringify({
          expo: { name: 'outside', slug: 'outside', platforms: ['ios', 'android'] },
        }),
        'index.ts': ENTRY,
        'App.tsx': APP,
        'open-client.ts': pathToFileURL(EXAMPLE),
        'tsconfig.json': tsconfig(
          {
            module: 'esnext',
            moduleResolution: 'bundler',
            allowImportingTsExtensions: true,
            jsx: 'react-jsx',
            lib: ['es2022', 'dom', 'dom.iterable', 'esnext.disposable'],
            customConditions: ['react-native'],
            types: [],
            // React Native declares what the library of browsers declares too.
            skipLibCheck: true,
          },
          ['*.ts', '*.tsx'],
        ),
      },
    })
  })
  afterAll(() => project[Symbol.asyncDispose]())

  it.each(Object.keys(COMPILERS) as Compiler[])('compiles strictly with %s', (compiler) =>
    compile(project, compiler, 'tsconfig.json'),
  )

  it('is bundled by Metro for iOS and Android', async () => {
    const env = { CI: '1', EXPO_NO_TELEMETRY: '1', EXPO_OFFLINE: '1', NODE_ENV: 'production' }
    const args = ['export', '--platform', 'ios', '--platform', 'android']
    const printed = await project.node(['node_modules/expo/bin/cli', ...args], { env })
    expect(printed).toMatch(/ios.*\.hbc/)
    expect(printed).toMatch(/android.*\.hbc/)
  })
})
