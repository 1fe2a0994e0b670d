import { readFile } from 'node:fs/promises'

import { describe, expect, it } from 'vitest'

import { wireFormatHash } from '../../scripts/wire-format-hash.ts'
import { CONTRACT_VERSION, UNANNOUNCED_CONTRACT_VERSION, WIPE_CONTRACT_VERSION } from '../version.ts'
import { CONTRACT_HISTORY } from './contract-history.ts'

const HOW_TO_PIN = `The wire format is not the one pinned as version ${CONTRACT_VERSION}. If that is meant: raise \
CONTRACT_VERSION in packages/contracts/src/version.ts, add the version to the history in docs/protocol.md, and run \
node packages/contracts/scripts/pin-contract.ts`

describe('wire format', () => {
  it('[SHP-11] is the one pinned for its version', () => {
    expect(wireFormatHash(), HOW_TO_PIN).toBe(CONTRACT_HISTORY[CONTRACT_VERSION])
  })

  it('[SHP-11] has a history that ends with the current version and never goes back', () => {
    const versions = Object.keys(CONTRACT_HISTORY)
    expect(versions.at(-1)).toBe(CONTRACT_VERSION)
    const byNumber = new Intl.Collator('en', { numeric: true })
    expect(versions).toEqual([...versions].sort(byNumber.compare))
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
  })

  it('[SHP-11] has the versions at which clients are distinguished', () => {
    for (const version of [UNANNOUNCED_CONTRACT_VERSION, WIPE_CONTRACT_VERSION])
      expect(CONTRACT_HISTORY).toHaveProperty([version])
  })

  it('[SHP-11] gave each version another format', () => {
    const hashes = Object.values(CONTRACT_HISTORY)
    expect(new Set(hashes).size).toBe(hashes.length)
    expect(hashes.filter((hash) => !/^[0-9a-f]{64}$/.test(hash))).toEqual([])
  })

  it('[SHP-11] has a line in the protocol for every version', async () => {
    const protocol = await readFile(new URL('../../../../docs/protocol.md', import.meta.url), 'utf8')
    const history = protocol.slice(protocol.indexOf('## History'))
    for (const version of Object.keys(CONTRACT_HISTORY)) expect(history).toContain(`| ${version} |`)
    expect(protocol).toContain(`Contract version **${CONTRACT_VERSION}**`)
  })
})
