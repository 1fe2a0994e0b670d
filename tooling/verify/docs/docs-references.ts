import path from 'node:path'

import { lineAt, type SourceFile } from '../repository.ts'

const CODE_SPAN = /`([^`\n]+)`/g
const LINK = /\]\(([^)\s]+)\)/g
const NPM_RUN = /\bnpm (?:run (?:-s |--silent )?([a-z][a-z0-9:-]*)|(start|test)\b)/g
// A path of this repository: it begins with one of its top-level folders, or is a file at the root.
const PATH_CHARACTERS = /^[\w@.-]+(?:\/[\w@.*{},<>-]+)*\/?$/

type Repository = {
  /** Names at the root of the repository. */
  readonly topLevel: ReadonlySet<string>
  /** Whether this path exists; a bare file name may stand for a file anywhere. */
  readonly exists: (path: string) => boolean
  readonly scripts: ReadonlySet<string>
}

/** Paths, headings and `npm run` commands that the documentation names and that do not exist. */
export function docsReferenceFindings(docs: readonly SourceFile[], repository: Repository): string[] {
  const headings = new Map(docs.map((doc) => [doc.path, headingsOf(doc)]))
  return docs.flatMap((doc) => [
    ...matches(doc, CODE_SPAN).flatMap(({ value, line }) =>
      isPath(value, repository) && !repository.exists(value.replace(/\/$/, ''))
        ? [`${doc.path}:${line} names ${value}, which does not exist`]
        : [],
    ),
    ...matches(doc, LINK).flatMap(({ value, line }) => {
      if (/^[a-z]+:/.test(value)) return []
      const [file = '', anchor] = value.split('#')
      const target = file === '' ? doc.path : path.posix.join(path.posix.dirname(doc.path), file)
      const isThere = file === '' || repository.exists(target)
      const isHeading = anchor === undefined || headings.get(target)?.has(anchor) !== false
      return isThere && isHeading ? [] : [`${doc.path}:${line} links to ${value}, which does not exist`]
    }),
    ...matches(doc, NPM_RUN).flatMap(({ value, line }) =>
      repository.scripts.has(value) ? [] : [`${doc.path}:${line} says npm run ${value}, which is no script`],
    ),
  ])
}

const CODE_BLOCK = /^ *```[\s\S]*?^ *```$/gm
const HEADING = /^#+ (.+)$/gm

/** The anchors of a page's headings, as GitHub makes them: in lower case, with hyphens for spaces and no punctuation. */
function headingsOf(doc: SourceFile): ReadonlySet<string> {
  return new Set(
    [...doc.text.replace(CODE_BLOCK, '').matchAll(HEADING)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

function isPath(value: string, repository: Repository): boolean {
  if (!PATH_CHARACTERS.test(value) || /[*{}<>]|NNNN/.test(value)) return false
  const [first = '', ...rest] = value.split('/')
  return rest.length > 0 ? repository.topLevel.has(first) : /^\w[\w.-]*\.(md|mjs|ts|json|yaml)$/.test(value)
}

function matches(doc: SourceFile, pattern: RegExp): { value: string; line: number }[] {
  return [...doc.text.matchAll(pattern)].map((match) => ({
    value: match[1] ?? match[2] ?? '',
    line: lineAt(doc.text, match.index),
  }))
}

/** A code block that names the file it quotes, after its language. */
const QUOTE = /^```\w+ (\S+)\n([\s\S]*?)^```$/gm

/** Files whose content differs from their quotation in the documentation. */
export function docsQuoteFindings(docs: readonly SourceFile[], files: readonly SourceFile[]): string[] {
  return docs.flatMap((doc) =>
    [...doc.text.matchAll(QUOTE)].flatMap((quote) => {
      const [, name = '', text] = quote
      const place = `${doc.path}:${lineAt(doc.text, quote.index)}`
      const file = files.find((each) => each.path === name)
      if (file === undefined) return [`${place} quotes ${name}, which does not exist`]
      return file.text === text ? [] : [`${place} does not quote ${name} as it is`]
    }),
  )
}
