import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { KNOWN } from './run-known.ts'

const ROOT = path.resolve(import.meta.dirname, '../../..')

describe('known mutants', () => {
  it('have names of their own', () => {
    const names = KNOWN.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  it.each(KNOWN.map((mutant) => [mutant.name, mutant] as const))(
    '%s: its code stands once in its file, and its tests exist',
    (_, { file, find, replace, tests }) => {
      expect(readFileSync(path.join(ROOT, file), 'utf8').split(find)).toHaveLength(2)
      expect(replace).not.toBe(find)
      expect(tests).not.toEqual([])
      expect(tests.filter((test) => !existsSync(path.join(ROOT, test)))).toEqual([])
    },
  )
})
