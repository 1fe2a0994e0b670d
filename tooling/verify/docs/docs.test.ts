import { describe, expect, it } from 'vitest'

import { docsQuoteFindings, docsReferenceFindings } from './docs-references.ts'
import { packageVersionFindings } from './package-versions.ts'
import { ruleIdFindings } from './rule-ids.ts'

describe('ruleIdFindings', () => {
  const findings = (protocol: string, ...tests: string[]) =>
    ruleIdFindings(
      { path: 'docs/protocol.md', text: protocol },
      tests.map((text) => ({ path: 'a.test.ts', text })),
    )

  it('is content when every rule has a test, by title or by table', () => {
    const protocol = '| **AAA-1** | text |\n- **AAA-2** text\n**AAA-3** and **bold** SHA-256'
    expect(findings(protocol, `it('[AAA-1, AAA-2] works')`, `const rule = 'AAA-3'; hash('SHA-256')`)).toEqual(
      [],
    )
  })

  it('names a rule without a test, an unknown id and a second definition', () => {
    expect(findings('**AAA-1** x\n**AAA-2** y\n**AAA-1** z', `it('[AAA-1, AAA-9] works')`)).toEqual([
      'docs/protocol.md:3 defines AAA-1 a second time',
      'a.test.ts:1 names AAA-9, which docs/protocol.md does not define',
      'docs/protocol.md:2 AAA-2 has no test that names it',
    ])
  })

  it('does not take a mention in the middle of a line for a definition', () => {
    expect(findings('**AAA-1** see **AAA-2**', `'[AAA-1]'`)).toEqual([])
  })
})

describe('docsReferenceFindings', () => {
  const there = new Set(['docs/protocol.md', 'README.md', 'packages/db'])
  const findings = (text: string) =>
    docsReferenceFindings([{ path: 'docs/guide.md', text }], {
      topLevel: new Set(['docs', 'packages']),
      exists: (path) => there.has(path),
      scripts: new Set(['verify', 'fieldsync']),
    })

  it('is content with what exists, and with words that are no paths', () => {
    expect(
      findings(
        'See `docs/protocol.md`, `packages/db/`, `README.md`, `application/json`, `/v1/health`, `a|b`, `packages/*`, ' +
          '[here](protocol.md#part), [there](https://example.org), npm packages, `npm run -s fieldsync -- x`',
      ),
    ).toEqual([])
  })

  it('names missing files, links and scripts', () => {
    expect(findings('`docs/gone.md`\n[gone](gone.md)\n`npm run gone`\nnpm start')).toEqual([
      'docs/guide.md:1 names docs/gone.md, which does not exist',
      'docs/guide.md:2 links to gone.md, which does not exist',
      'docs/guide.md:3 says npm run gone, which is no script',
      'docs/guide.md:4 says npm run start, which is no script',
    ])
  })

  it('names links to headings that are not there', () => {
    const page = '# Set-up: `npm run verify`, first\n[up](#set-up-npm-run-verify-first)\n[down](#gone)\n'
    expect(findings(page)).toEqual(['docs/guide.md:3 links to #gone, which does not exist'])
    expect(findings('```sh\n# a comment\n```\n[a](#a-comment)')).toEqual([
      'docs/guide.md:4 links to #a-comment, which does not exist',
    ])
  })
})

describe('docsQuoteFindings', () => {
  const files = [{ path: 'examples/a.ts', text: 'const a = 1\n' }]
  const findings = (text: string) => docsQuoteFindings([{ path: 'docs/guide.md', text }], files)

  it('is content with a file as it is, and with code that is no file', () => {
    expect(findings('```ts examples/a.ts\nconst a = 1\n```\n\n```ts\nconst b = 2\n```\n')).toEqual([])
  })

  it('names a quote that differs and one of no file', () => {
    expect(findings('Text\n\n```ts examples/a.ts\nconst a = 2\n```\n\n```ts examples/b.ts\n```\n')).toEqual([
      'docs/guide.md:3 does not quote examples/a.ts as it is',
      'docs/guide.md:7 quotes examples/b.ts, which does not exist',
    ])
  })
})

describe('packageVersionFindings', () => {
  const manifest = (name: string, version: string, dependencies: object = {}, published = true) => ({
    path: `packages/${name}/package.json`,
    text: JSON.stringify({ version, dependencies, ...(published && { publishConfig: { exports: {} } }) }),
  })
  const findings = (contract: string, changelog: string, ...manifests: ReturnType<typeof manifest>[]) =>
    packageVersionFindings(
      manifests,
      { path: 'version.ts', text: `export const CONTRACT_VERSION = '${contract}'` },
      { path: 'CHANGELOG.md', text: changelog },
    )

  it('is content with equal versions of the contract’s major and minor one', () => {
    expect(
      findings(
        '1.8.0',
        '# Changes\n\n## 1.8.2\n\n## 1.8.1\n',
        manifest('contracts', '1.8.2', { zod: '4.0.0' }),
        manifest('client', '1.8.2', { '@fieldsync/contracts': 'workspace:*' }),
        manifest('server', '0.1.0', { '@fieldsync/db': 'workspace:*' }, false),
      ),
    ).toEqual([])
  })

  it('names a new contract without a version, a package left behind, and a dependency that is not published', () => {
    expect(
      findings(
        '1.9.0',
        '## 1.8.2\n',
        manifest('client', '1.8.1', { '@fieldsync/api': 'workspace:*' }),
        manifest('api', '0.1.0', {}, false),
      ),
    ).toEqual([
      'the newest version of CHANGELOG.md is 1.8.2, the contract of version.ts is 1.9: list what changes for users of the ' +
        'packages as 1.9.0, and set their versions',
      'packages/client/package.json has version 1.8.1, the newest of CHANGELOG.md is 1.8.2',
      'packages/client/package.json depends on @fieldsync/api, which is not published',
    ])
  })
})
