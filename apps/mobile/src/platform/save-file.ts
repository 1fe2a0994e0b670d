import type { SharedFile } from './platform.ts'

/** Saves a text as a file, as if the person had followed a link to it. */
export async function saveFile({ name, text }: SharedFile): Promise<void> {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The browser reads it after this turn.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
  return Promise.resolve()
}
