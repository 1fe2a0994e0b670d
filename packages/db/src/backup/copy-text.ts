const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/**
 * The rows of a part in PostgreSQL's text format of COPY: the values of the wanted columns, in their order, and null for SQL's NULL.
 * @param wanted places of columns in the row; a place that a row does not have gives null
 */
export function* readCopyRows(bytes: Buffer, wanted: readonly number[]): Generator<(string | null)[]> {
  const text = bytes.toString('utf8')
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from)
    const cells = text.slice(from, end === -1 ? undefined : end).split('\t')
    yield wanted.map((at) => valueOf(cells[at]))
    if (end === -1) return
    from = end + 1
  }
}

function valueOf(cell: string | undefined): string | null {
  if (cell === undefined || cell === String.raw`\N`) return null
  if (!cell.includes('\\')) return cell
  return cell.replaceAll(/\\(.)/gs, (_, letter: string) => ESCAPES[letter] ?? letter)
}
