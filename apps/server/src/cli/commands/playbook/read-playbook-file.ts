import { readFile } from 'node:fs/promises'

import { parseInput, PlaybookContent } from '@fieldsync/contracts'
import { ServiceError } from '@fieldsync/services'

/** A playbook in a file, and the version that it says it is. */
type PlaybookFile = { readonly document: PlaybookContent; readonly version: number | undefined }

/**
 * Reads a playbook from a JSON file, such as an exported one.
 * @throws ServiceError VALIDATION_ERROR that lists what is wrong, each with its JSON Pointer
 */
export async function readPlaybookFile(file: string): Promise<PlaybookFile> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new ServiceError('VALIDATION_ERROR', `${file} cannot be read: ${code}.`)
  })
  const parsed = parseInput(PlaybookContent, jsonOf(file, text))
  if (parsed.ok) return { document: parsed.value, version: parsed.value.version }
  const issues = parsed.issues.map(({ path, message }) => `  ${path || '(the whole file)'}  ${message}`)
  const more = parsed.more > 0 ? [`  and ${parsed.more} more`] : []
  throw new ServiceError('VALIDATION_ERROR', [`${file} is not a playbook:`, ...issues, ...more].join('\n'))
}

function jsonOf(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new ServiceError('VALIDATION_ERROR', `${file} is not JSON: ${why}.`)
  }
}
