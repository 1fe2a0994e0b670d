import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

import { expect, it } from 'vitest'
import { z } from 'zod'

import { manifest, MANIFESTS, type Manifest } from './testing/manifests.ts'

const SERVER = path.resolve(import.meta.dirname, '../..')
const TSC = path.resolve(SERVER, '../../node_modules/typescript/bin/tsc')
const OPTIONS =
  '--noEmit --strict --exactOptionalPropertyTypes --skipLibCheck --module nodenext --types'.split(' ')
const run = promisify(execFile)

/**
 * What the compiler says of manifests as literals of Kubernetes' own types, which are generated from its OpenAPI
 * document: unlike a JSON schema of it, a type refuses fields that it does not have.
 */
async function typeErrors(manifests: readonly Manifest[]): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-kubernetes-'))
  try {
    const lines = manifests.flatMap((each, n) => [
      `import type { I${each.kind} as T${n} } from 'kubernetes-models/${each.apiVersion}/${each.kind}'`,
      `export const m${n}: T${n} = ${JSON.stringify(each)}`,
    ])
    await writeFile(path.join(folder, 'manifests.mts'), lines.join('\n'))
    await symlink(path.join(SERVER, 'node_modules'), path.join(folder, 'node_modules'))
    const args = [TSC, ...OPTIONS, '', path.join(folder, 'manifests.mts')]
    return await run(process.execPath, args, { cwd: folder }).then(
      () => '',
      (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

it('[RUN-52] the Kubernetes manifests have the fields that Kubernetes knows, and values of their types', async () => {
  expect(await typeErrors(MANIFESTS)).toBe('')
  const deployment = manifest('Deployment')
  const misspelled = { ...deployment, spec: { ...Object(deployment['spec']), replica: 2 } }
  expect(await typeErrors([misspelled])).toMatch(/TS2353: .*replica/)
})

it('[RUN-52] the Deployment, its budget, its Service and its Ingress name each other', () => {
  const labels = { 'app.kubernetes.io/name': 'fieldsync' }
  expect(manifest('Deployment')).toMatchObject({
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          topologySpreadConstraints: [{ labelSelector: { matchLabels: labels } }],
          containers: [{ envFrom: [{ configMapRef: { name: nameOf('ConfigMap') } }] }],
          volumes: expect.arrayContaining([
            { name: 'secrets', secret: { secretName: nameOf('Secret'), defaultMode: 0o440 } },
          ]),
        },
      },
    },
  })
  expect(manifest('PodDisruptionBudget')).toMatchObject({ spec: { selector: { matchLabels: labels } } })
  expect(manifest('Service')).toMatchObject({
    spec: { selector: labels, ports: [{ name: 'http', targetPort: 'http' }] },
  })
  const backend = { service: { name: nameOf('Service'), port: { name: 'http' } } }
  expect(manifest('Ingress')).toMatchObject({ spec: { rules: [{ http: { paths: [{ backend }] } }] } })
})

function nameOf(kind: string): string {
  return z.object({ metadata: z.object({ name: z.string() }) }).parse(manifest(kind)).metadata.name
}
