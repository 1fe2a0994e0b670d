import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'

import { boundaryFindings } from './boundaries/boundary-findings.ts'
import { cycleFindings } from './boundaries/cycle-findings.ts'
import { PACKAGE_GRAPH } from './boundaries/package-graph.ts'
import { purityFindings } from './boundaries/purity-findings.ts'
import { docsQuoteFindings, docsReferenceFindings } from './docs/docs-references.ts'
import { packageVersionFindings } from './docs/package-versions.ts'
import { ruleIdFindings } from './docs/rule-ids.ts'
import { houseRuleFindings, textFindings, vocabularyFindings } from './house-rules/house-rules.ts'
import { readFiles, REPOSITORY } from './repository.ts'

const TURBO = 'node_modules/turbo/bin/turbo'
const PRISMA = 'node_modules/prisma/build/index.js'
const SERVER_CODE = /^(?:packages\/(?:api\/src|services|db|testkit|simulator)|apps)\//

/** One check of `npm run verify`. */
export type Check = {
  readonly name: string
  /** The findings, or nothing when all is well. */
  readonly run: () => Promise<readonly string[]>
}

/** All checks of `npm run verify`, the slow ones first. None needs a database or a network. */
export const CHECKS: readonly Check[] = [
  // The root's program contains everything for Node, so that a source is not checked again for each package that uses
  // it.
  commandCheck(
    'types',
    TURBO,
    'run',
    'typecheck',
    '--filter=//',
    '--filter=@fieldsync/client',
    '--filter=@fieldsync/simulator',
    '--filter=@fieldsync/bench',
    '--filter=@fieldsync/web',
    '--filter=@fieldsync/mobile',
    '--output-logs=errors-only',
    '--continue=always',
    '--concurrency=1',
  ),
  commandCheck('lint', 'node_modules/oxlint/bin/oxlint'),
  commandCheck('unused code', 'node_modules/knip/bin/knip.js', '--no-progress', '--no-config-hints'),
  { name: 'client types', run: checkClientTypes },
  // Validates as well.
  commandCheck('schema', PRISMA, 'format', '--check'),
  commandCheck('format', 'node_modules/oxfmt/bin/oxfmt', '--check'),
  commandCheck('manifests', 'node_modules/sherif/index.js'),
  { name: 'boundaries', run: async () => boundaryFindings(await readFiles(['.ts', '.tsx']), PACKAGE_GRAPH) },
  { name: 'cycles', run: async () => cycleFindings(await readFiles(['.ts', '.tsx', '.mjs'])) },
  { name: 'purity', run: async () => purityFindings(await readFiles(['.ts']), PACKAGE_GRAPH) },
  { name: 'house rules', run: async () => houseRuleFindings(await readFiles(['.ts', '.tsx', '.mjs'])) },
  {
    name: 'vocabulary',
    run: async () => {
      const files = await readFiles(['.ts', '.tsx', '.mjs'])
      return [...vocabularyFindings(files), ...textFindings(files)]
    },
  },
  { name: 'docs', run: checkDocs },
  { name: 'package versions', run: checkPackageVersions },
  { name: 'rule ids', run: checkRuleIds },
]

async function checkDocs(): Promise<string[]> {
  const manifest: unknown = JSON.parse(await readFile(path.join(REPOSITORY, 'package.json'), 'utf8'))
  const scripts =
    typeof manifest === 'object' && manifest !== null && 'scripts' in manifest ? (manifest.scripts ?? {}) : {}
  const files = await readFiles(['.md', '.mjs', '.ts', '.tsx', '.json', '.yaml', '.sql', '.prisma'])
  const names = new Set(files.map((file) => path.basename(file.path)))
  const docs = files.filter((file) => file.path.endsWith('.md'))
  const made = outputFolders(await readFile(path.join(REPOSITORY, '.gitignore'), 'utf8'))
  const references = docsReferenceFindings(docs, {
    topLevel: new Set(readdirSync(REPOSITORY)),
    exists: (file) =>
      existsSync(path.join(REPOSITORY, file)) ||
      names.has(file) ||
      made.some((folder) => file === folder || file.startsWith(`${folder}/`)),
    scripts: new Set(Object.keys(scripts)),
  })
  return [...references, ...docsQuoteFindings(docs, files)]
}

/** Folders that commands create: a page may name one, and what is in it, even if no command has run yet. */
const outputFolders = (gitignore: string): readonly string[] =>
  gitignore
    .split('\n')
    .map((line) => line.replace(/^\/|\/$/g, ''))
    .filter((line) => line !== '')

async function checkPackageVersions(): Promise<string[]> {
  const manifests = await readFiles(['package.json'], 'packages')
  const [contract] = await readFiles(['version.ts'], 'packages/contracts/src')
  const [changelog] = await readFiles(['CHANGELOG.md'])
  if (contract === undefined || changelog === undefined)
    return ['there is no contract version, or no CHANGELOG.md']
  return packageVersionFindings(manifests, contract, changelog)
}

async function checkRuleIds(): Promise<string[]> {
  const [protocol] = await readFiles(['protocol.md'], 'docs')
  if (protocol === undefined) return ['docs/protocol.md is missing']
  const tests = (await readFiles(['.ts'])).filter((file) =>
    /\.(test|table|e2e)\.ts$|\/testing\//.test(file.path),
  )
  return ruleIdFindings(
    protocol,
    tests.filter((file) => !file.path.startsWith('tooling/')),
  )
}

/** A check by another tool: its whole output is the finding when it exits with a code other than 0. */
function commandCheck(name: string, script: string, ...args: string[]): Check {
  return {
    name,
    run: () =>
      new Promise((resolve) => {
        const options = {
          cwd: REPOSITORY,
          maxBuffer: 64 * 1024 * 1024,
          // Two checks run at once, and each of them that is written in Go would take every core for itself: on two cores
          // its threads then do a third more work than one does alone.
          env: { ...process.env, NO_COLOR: '1', GOMAXPROCS: '1' },
        }
        execFile(process.execPath, [script, ...args], options, (error, stdout, stderr) => {
          resolve(error === null ? [] : [`${stdout}${stderr}`.trim() || error.message])
        })
      }),
  }
}

/**
 * The client is type-checked without Node's types and without the server's code: it sees only the declarations of the
 * router. So an app that uses it needs neither.
 */
function checkClientTypes(): Promise<string[]> {
  const tsc = path.join(REPOSITORY, 'node_modules/typescript/bin/tsc')
  const args = [tsc, '-p', 'packages/client/tsconfig.portable.json', '--listFilesOnly']
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: REPOSITORY, maxBuffer: 16 * 1024 * 1024 }, (error, stdout) => {
      const files = stdout.split('\n').map((file) => path.relative(REPOSITORY, file))
      const router = files.some((file) => file.startsWith('packages/api/dist-types/'))
      const findings = files
        .filter((file) => SERVER_CODE.test(file) || file.includes('/@types/node/'))
        .map((file) => `the type check of packages/client reads ${file}`)
      if (error !== null) findings.push(error.message)
      else if (!router) findings.push('the type check of packages/client does not read the router type')
      resolve(findings)
    })
  })
}
