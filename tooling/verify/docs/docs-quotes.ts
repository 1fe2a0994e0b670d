import { lineAt, type SourceFile } from '../repository.ts'

/** A code block that names the file it quotes, after its language. */
const QUOTE = /^```\w+ (\S+)\n([\s\S]*?)^```$/gm

/** Files whose content differs from their quotation in the documentation. */
export function docsQuoteFindings(docs: readonly SourceFile[], files: readonly SourceFile[]): string[] {
  return docs.flatMap((doc) =>
    [...doc.text.matchAll(QUOTE)].flatMap((quote) => {
      const [, path = '', text] = quote
      const place = `${doc.path}:${lineAt(doc.text, quote.index)}`
      const file = files.find((each) => each.path === path)
      if (file === undefined) return [`${place} quotes ${path}, which does not exist`]
      return file.text === text ? [] : [`${place} does not quote ${path} as it is`]
    }),
  )
}
