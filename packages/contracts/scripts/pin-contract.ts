// Writes the hash of the wire format into the history, for the version in src/version.ts.
// An existing line is only replaced with --unreleased: a change to what clients already rely on needs a new version.

import { readFile, writeFile } from 'node:fs/promises'

import { CONTRACT_VERSION } from '../src/version.ts'
import { CONTRACT_HISTORY } from '../src/wire-format/contract-history.ts'
import { wireFormatHash } from './wire-format-hash.ts'

const HISTORY = new URL('../src/wire-format/contract-history.ts', import.meta.url)

const hash = wireFormatHash()
const pinned = CONTRACT_HISTORY[CONTRACT_VERSION]

if (pinned === hash) {
  console.log(`The wire format is version ${CONTRACT_VERSION}, as pinned.`)
} else if (pinned && !process.argv.includes('--unreleased')) {
  console.error(
    `The wire format is no longer version ${CONTRACT_VERSION}. Raise CONTRACT_VERSION in src/version.ts, add the ` +
      'version to the history in docs/protocol.md, and run this again (or, if this version is not in use yet, with --unreleased).',
  )
  process.exitCode = 1
} else {
  const history = await readFile(HISTORY, 'utf8')
  const line = `  '${CONTRACT_VERSION}': '${hash}',\n`
  const replaced = history
    .split('\n')
    .filter((text) => !text.startsWith(`  '${CONTRACT_VERSION}':`))
    .join('\n')
  await writeFile(HISTORY, replaced.replace(/^}$/m, `${line}}`))
  console.log(`Pinned the wire format as version ${CONTRACT_VERSION}: ${hash}`)
}
