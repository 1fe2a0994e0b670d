import stringWidth from 'string-width'

/** A table for people: a heading, then one line per row, columns as wide as a terminal shows their widest cell. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heading.map((title) => title.toUpperCase()), ...rows]
  const widths = heading.map((_, column) => Math.max(...all.map((row) => stringWidth(row[column] ?? ''))))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(cell))))
      .join('  ')
      .trimEnd()
  return all.map(line).join('\n')
}

/** An instant for a table, in UTC, or a dash when there is none. */
export function shownInstant(instant: Date | string | null): string {
  return instant === null ? '-' : `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')}Z`
}

/** Text from the database made safe for a terminal: control characters could move the cursor or hide lines. */
export function shownText(text: string): string {
  return text.replace(/\p{Cc}|\p{Cf}/gu, '\u{fffd}')
}
