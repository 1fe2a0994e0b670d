import type { FieldsyncClient } from '@fieldsync/client'
import { observed } from '@fieldsync/domain'
import { useCallback } from 'react'

import { useStored } from '../data/use-stored.ts'

/** The blocks of notes, by the notes' ids, as far as they name one. */
export function useBlocks(ids: readonly string[]): ReadonlyMap<string, string> {
  const key = ids.join(' ')
  const read = useCallback(
    async (client: FieldsyncClient) => {
      const blocks = new Map<string, string>()
      for (const id of key === '' ? [] : key.split(' ')) {
        const note = (await client.record('observation', id))?.document
        const block = note && observed(note, '/extraction/fieldBlock')?.trim()
        if (block !== undefined && block !== '') blocks.set(id, block)
      }
      return blocks
    },
    [key],
  )
  return useStored(read) ?? NO_BLOCKS
}

const NO_BLOCKS: ReadonlyMap<string, string> = new Map()
