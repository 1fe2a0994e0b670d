import { lineAt } from '../repository.ts'

type FoundImport = { readonly specifier: string; readonly line: number }

const STATEMENT = /^[ \t]*(?:import|export)\b(?:[^'";]*?\bfrom)?\s*['"]([^'"\n]+)['"]/gm
const DYNAMIC = /\bimport\(\s*['"]([^'"\n]+)['"]/g

/** The modules a source file imports or re-exports, statically or by a literal dynamic import. */
export function importsOf(text: string): FoundImport[] {
  return [STATEMENT, DYNAMIC].flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => ({
      specifier: match[1] ?? '',
      line: lineAt(text, match.index + match[0].length),
    })),
  )
}
