import { describe, expect, it } from 'vitest'

import { boundaryFindings } from './boundary-findings.ts'
import { cycleFindings } from './cycle-findings.ts'
import { importsOf } from './imports-of.ts'
import { PACKAGE_GRAPH, type PackageRule } from './package-graph.ts'
import { purityFindings } from './purity-findings.ts'

const GRAPH: Record<string, PackageRule> = {
  low: {
    folder: 'packages/low',
    imports: [],
    tests: ['kit'],
    pure: ['zod'],
    adapters: {
      'src/ways': { imports: [] },
      'src/ways/node': { imports: ['node:*'] },
      'src/ways/web': { imports: ['idb'] },
    },
    subpaths: ['ways/node', 'testing'],
  },
  high: {
    folder: 'packages/high',
    imports: ['low'],
    tests: ['kit', 'low/testing'],
    subpaths: ['shape'],
  },
  wide: { folder: 'packages/wide', imports: ['low', 'high/shape'], tests: [], portable: ['zod'] },
}

const findings = (path: string, text: string) => boundaryFindings([{ path, text }], GRAPH)

describe('importsOf', () => {
  it('finds imports, exports, side effects and dynamic imports with their lines', () => {
    const text = [
      `import a, { b } from 'one'`,
      `import {`,
      `  type c,`,
      `} from "two"`,
      `export * from './three.ts'`,
      `import 'four'`,
      `const five = await import('five')`,
      `const text = 'no import here'`,
    ].join('\n')
    expect(importsOf(text).map(({ specifier, line }) => `${specifier} ${line}`)).toEqual([
      'one 1',
      'two 4',
      './three.ts 5',
      'four 6',
      'five 7',
    ])
  })
})

describe('boundaryFindings', () => {
  it('allows what the graph allows', () => {
    expect(findings('packages/high/src/a.ts', `import { x } from '@fieldsync/low'`)).toEqual([])
    expect(findings('packages/high/src/a.ts', `import pg from 'pg'\nimport fs from 'node:fs'`)).toEqual([])
    expect(findings('packages/low/src/a.test.ts', `import { x } from '@fieldsync/kit'`)).toEqual([])
    expect(findings('packages/low/src/a.ts', `import { z } from 'zod'\nimport { b } from './b.ts'`)).toEqual(
      [],
    )
  })

  it('allows a declared way in, and an adapter its platform', () => {
    expect(findings('packages/high/src/a.ts', `import { x } from '@fieldsync/low/ways/node'`)).toEqual([])
    expect(findings('packages/low/src/ways/node/a.ts', `import fs from 'node:fs'\nimport '../b.ts'`)).toEqual(
      [],
    )
    expect(findings('packages/low/src/ways/web/a.ts', `import 'idb'\nimport { z } from 'zod'`)).toEqual([])
    expect(findings('packages/low/src/a.test.ts', `import './ways/node/a.ts'`)).toEqual([])
  })

  it('allows what a package brings for tests only where it is named', () => {
    const text = `import { x } from '@fieldsync/low/testing'`
    expect(findings('packages/high/src/a.test.ts', text)).toEqual([])
    expect(findings('packages/high/src/a.ts', text)).toEqual([
      'packages/high/src/a.ts:1 high may not import @fieldsync/low',
    ])
    expect(findings('packages/wide/src/a.test.ts', text)).toHaveLength(1)
  })

  it('has no circle of packages, tests included', () => {
    const built = new Set<string>()
    let rest = Object.entries(PACKAGE_GRAPH)
    for (let before = -1; rest.length !== before;) {
      before = rest.length
      rest = rest.filter(([name, { imports, tests }]) => {
        const ready = [...imports, ...tests].every((each) => {
          const [target = ''] = each.split('/')
          return target === name || built.has(target)
        })
        if (ready) built.add(name)
        return !ready
      })
    }
    expect(rest.map(([name]) => name)).toEqual([])
  })

  it('allows a declared way in, and one package only that way', () => {
    expect(findings('packages/wide/src/a.ts', `import type { x } from '@fieldsync/high/shape'`)).toEqual([])
    expect(findings('packages/wide/src/a.ts', `import { x } from '@fieldsync/high'`)).toEqual([
      expect.stringContaining('wide may not import @fieldsync/high'),
    ])
    expect(findings('packages/low/src/a.ts', `import type { x } from '@fieldsync/high/shape'`)).toEqual([
      expect.stringContaining('low may not import @fieldsync/high'),
    ])
  })

  it.each([
    ['another platform in an adapter', 'packages/low/src/ways/web/a.ts', 'node:fs', 'low runs everywhere'],
    [
      'an adapter of another platform',
      'packages/low/src/ways/web/a.ts',
      '../node/a.ts',
      'the adapter packages/low/src/ways/node',
    ],
    [
      'an adapter in the pure part',
      'packages/low/src/a.ts',
      './ways/b.ts',
      'the adapter packages/low/src/ways ',
    ],
    [
      'a way in that is not declared',
      'packages/high/src/a.ts',
      '@fieldsync/low/ways/web',
      'reaches into @fieldsync/low',
    ],
    ['an upward import', 'packages/low/src/a.ts', '@fieldsync/high', 'low may not import @fieldsync/high'],
    [
      'a test package in code',
      'packages/high/src/a.ts',
      '@fieldsync/kit',
      'high may not import @fieldsync/kit',
    ],
    [
      'a look inside another package',
      'packages/high/src/a.ts',
      '@fieldsync/low/src/b.ts',
      'reaches into @fieldsync/low',
    ],
    ['a relative way out', 'packages/high/src/a.ts', '../../low/src/b.ts', 'leaves its package'],
    ['a missing ending', 'packages/high/src/a.ts', './b', 'without its ending'],
    ['the platform in a pure package', 'packages/low/src/a.ts', 'node:fs', 'low runs everywhere'],
    ['the platform in a portable package', 'packages/wide/src/a.ts', 'fs', 'wide runs everywhere'],
    ['a dependency of a portable package', 'packages/wide/src/a.ts', 'pg', 'wide may not depend on pg'],
    ['a dependency of a pure package', 'packages/low/src/a.ts', 'pg', 'low may not depend on pg'],
  ])('names %s', (_, path, specifier, problem) => {
    expect(findings(path, `import x from '${specifier}'`)).toEqual([expect.stringContaining(problem)])
  })
})

describe('cycleFindings', () => {
  const cycles = (...imports: (readonly [file: string, text: string])[]) =>
    cycleFindings(imports.map(([path, text]) => ({ path, text })))

  it('allows imports one way, and any of tests', () => {
    expect(
      cycles(
        ['p/src/high/a.ts', `import { b } from '../low/b.ts'`],
        ['p/src/low/b.ts', `import { c } from './c.ts'`],
        ['p/src/low/c.ts', ''],
        ['p/src/low/b.test.ts', `import { a } from '../high/a.ts'`],
        ['p/src/low/testing/d.ts', `import { a } from '../../high/a.ts'`],
      ),
    ).toEqual([])
  })

  it('names folders that import each other around a circle, also by type alone and by way of others', () => {
    expect(
      cycles(
        ['p/src/one/a.ts', `import { b } from '../two/b.ts'`],
        ['p/src/two/b.ts', `export type { C } from '../three/deep/c.ts'`],
        ['p/src/three/deep/c.ts', `import type { D } from '../../one/d.ts'`],
        ['p/src/one/d.ts', ''],
      ),
    ).toEqual([
      'p/src: p/src/one/a.ts imports p/src/two/b.ts; p/src/two/b.ts imports p/src/three/deep/c.ts; ' +
        'p/src/three/deep/c.ts imports p/src/one/d.ts',
    ])
  })

  it('names files of one folder, and a file beside folders', () => {
    expect(
      cycles(
        ['p/src/a.ts', `import { b } from './b.ts'`],
        ['p/src/b.ts', `const a = await import('./a.ts')`],
        ['p/src/options.ts', `import { d } from './deep/d.ts'`],
        ['p/src/deep/d.ts', `import type { Options } from '../options.ts'`],
      ),
    ).toEqual([
      'p/src: p/src/a.ts imports p/src/b.ts; p/src/b.ts imports p/src/a.ts',
      'p/src: p/src/deep/d.ts imports p/src/options.ts; p/src/options.ts imports p/src/deep/d.ts',
    ])
  })
})

describe('purityFindings', () => {
  const purity = (text: string, path = 'packages/low/src/a.ts') => purityFindings([{ path, text }], GRAPH)

  it('names clock, randomness and platform, with the line', () => {
    expect(purity('const a = 1\nconst b = Date.now()')).toEqual([
      'packages/low/src/a.ts:2 reads the clock (Date.now)',
    ])
    expect(purity('const b = new Date()')).toHaveLength(1)
    expect(purity('const b = Math.random()')).toHaveLength(1)
    expect(purity('const b = process.env')).toHaveLength(1)
  })

  it('leaves adapters alone', () => {
    expect(purity('Date.now()', 'packages/low/src/ways/web/a.ts')).toEqual([])
    expect(purity('Date.now()', 'packages/low/src/ways.ts')).toHaveLength(1)
  })

  it('names the platform alone where clock and randomness come in', () => {
    const code = 'const a = Date.now() + Math.random()\nconst b = Buffer.from(text)'
    expect(purity(code, 'packages/wide/src/a.ts')).toEqual(['packages/wide/src/a.ts:2 uses Buffer'])
  })

  it('leaves comments, dates with an argument, tests and other packages alone', () => {
    expect(purity('// no Date.now here\n/** nor Math.random */\nconst a = 1 // not Date.now')).toEqual([])
    expect(purity('const b = new Date(text)')).toEqual([])
    expect(purity('Date.now()', 'packages/low/src/a.test.ts')).toEqual([])
    expect(purity('Date.now()', 'packages/high/src/a.ts')).toEqual([])
  })
})
