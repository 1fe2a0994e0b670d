import { isTestCode, lineAt, type SourceFile } from '../repository.ts'
import { adapterOf, type PackageRule } from './package-graph.ts'

const PLATFORM: readonly (readonly [RegExp, string])[] = [
  [/\bprocess\.\w/g, 'uses process'],
  [/\bBuffer\.\w/g, 'uses Buffer'],
]

const IMPURE: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\b/g, 'reads the clock (Date.now)'],
  [/\bnew Date\(\s*\)/g, 'reads the clock (new Date())'],
  [/\bperformance\.now\b/g, 'reads the clock (performance.now)'],
  [/\bMath\.random\b/g, 'uses randomness (Math.random)'],
  [/\bcrypto\.(?:randomUUID|getRandomValues)\b/g, 'uses randomness (crypto)'],
  [/\bset(?:Timeout|Interval|Immediate)\(/g, 'uses a timer'],
  ...PLATFORM,
]

/**
 * Uses of clock, randomness and platform in the packages that take these as inputs, except in their adapters, and of
 * one platform in those that run everywhere; comments do not count.
 */
export function purityFindings(
  files: readonly SourceFile[],
  graph: Readonly<Record<string, PackageRule>>,
): string[] {
  const rules = Object.values(graph)
  return files
    .filter((file) => !isTestCode(file.path))
    .flatMap((file) => {
      const rule = rules.find(({ folder }) => file.path.startsWith(`${folder}/src/`))
      const adapter = rule && adapterOf(file.path, rule) !== undefined
      const patterns = rule?.pure && !adapter ? IMPURE : rule?.portable ? PLATFORM : []
      const code = withoutComments(file.text)
      return patterns.flatMap(([pattern, problem]) =>
        [...code.matchAll(pattern)].map((match) => `${file.path}:${lineAt(code, match.index)} ${problem}`),
      )
    })
}

// Line by line, which is how this project writes its comments; the line count stays the same.
function withoutComments(text: string): string {
  return text
    .split('\n')
    .map((line) => (/^\s*(\/\/|\/\*|\*)/.test(line) ? '' : line.replace(/\s\/\/ .*$/, '')))
    .join('\n')
}
