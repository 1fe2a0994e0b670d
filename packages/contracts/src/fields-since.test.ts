import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  contractRefusal,
  fieldsLackedBy,
  isOlderContract,
  readContractVersion,
  type SentShape,
} from './fields-since.ts'
import { seededRuns } from './testing/index.ts'
import { CONTRACT_VERSION, MINIMUM_CONTRACT_VERSION, UNANNOUNCED_CONTRACT_VERSION } from './version.ts'

describe('an announced contract version', () => {
  it.each(['1.4.0', '0.0.0', '10.20.30', ' 1.4.0 '])('[HDR-4] %j is read', (announced) => {
    expect(readContractVersion(announced)).toBe(announced.trim())
  })

  it.each([
    undefined,
    null,
    14,
    ['1.4.0'],
    '',
    '1.4',
    '1.4.0.0',
    '1.4.x',
    'v1.4.0',
    '1.4.0-beta',
    '1.4.0, 1.4.0',
    `1.4.${'0'.repeat(29)}`,
  ])('[HDR-4] %j is none', (announced) => {
    expect(readContractVersion(announced)).toBeUndefined()
  })

  it.each([
    [undefined, undefined],
    ['0.9.9', 'client_older'],
    [MINIMUM_CONTRACT_VERSION, undefined],
    [UNANNOUNCED_CONTRACT_VERSION, undefined],
    [CONTRACT_VERSION, undefined],
    ['1.10000.0', undefined],
    ['2.0.0', 'client_newer'],
    ['10.0.0', 'client_newer'],
  ])('[HDR-9] %s is refused as %s', (announced, refusal) => {
    expect(contractRefusal(announced)).toBe(refusal)
  })

  it('[HDR-4] is older than another by its numbers, not by its text', () => {
    const part = fc.nat(120)
    const version = fc.tuple(part, part, part)
    const rank = ([major, minor, patch]: [number, number, number]) => (major * 1000 + minor) * 1000 + patch
    fc.assert(
      fc.property(version, fc.oneof(version, fc.constant(null)), (a, other) => {
        const b = other ?? a
        expect(isOlderContract(a.join('.'), b.join('.'))).toBe(rank(a) < rank(b))
      }),
      seededRuns(),
    )
    expect(isOlderContract('1.9.0', '1.10.0')).toBe(true)
    expect(isOlderContract('1.4.1', '1.4.1')).toBe(false)
  })
})

describe('the fields that a server lacks', () => {
  const ADDED: Readonly<Record<SentShape, readonly string[]>> = {
    observation: ['/notObserved', '/location/source', '/location/accuracyM'],
    recommendation: [],
    playbookPatch: [],
    report: ['/localOnly', '/checkpoint'],
  }

  it.each(Object.keys(ADDED) as SentShape[])('[ENG-32] in a %s follow from its version', (shape) => {
    for (const older of ['1.0.0', UNANNOUNCED_CONTRACT_VERSION, '1.3.9']) {
      expect(fieldsLackedBy(shape, older)).toEqual(ADDED[shape])
    }
    for (const newer of ['1.4.0', '1.6.0'])
      expect(fieldsLackedBy(shape, newer)).toEqual(shape === 'report' ? ['/checkpoint'] : [])
    for (const newest of ['1.7.0', '2.0.0']) expect(fieldsLackedBy(shape, newest)).toEqual([])
  })

  it('[HDR-4] of a server that announces none are those of 1.3.0', () => {
    expect(UNANNOUNCED_CONTRACT_VERSION).toBe('1.3.0')
  })
})
