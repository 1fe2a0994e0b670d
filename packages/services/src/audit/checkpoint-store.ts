import { type ChainHead, type Checkpoint, readCheckpoint } from '@fieldsync/domain'

import { verifyNote } from './signed-note.ts'

/** Where checkpoints are kept: outside the database, since whoever can rewrite a chain could rewrite them with it. */
export type CheckpointStore = {
  /** As the log and the state of the audit name it; no secret. */
  readonly name: string
  readonly kind: 'folder' | 'bucket'
  /** Names of what is kept for a chain, the newest checkpoint first. */
  readonly list: (origin: string) => Promise<readonly string[]>
  readonly read: (origin: string, name: string) => Promise<string>
  /** Stores a note once; one that is there stays as it is. */
  readonly add: (origin: string, name: string, note: string) => Promise<void>
}

/** A checkpoint with the note that says it. */
export type StoredCheckpoint = Checkpoint & { readonly note: string }

/** The name of a checkpoint in its store: sorts as the number does. */
export const checkpointName = ({ seq, hash }: ChainHead): string =>
  `${String(seq).padStart(15, '0')}-${hash.slice(0, 16)}`

/**
 * The checkpoints of a chain in a store that these keys have signed, the newest first.
 * @param limit how many names are read, from the newest on; all by default
 */
export async function storedCheckpoints(
  store: CheckpointStore,
  origin: string,
  verifierKeys: readonly string[],
  limit = Number.POSITIVE_INFINITY,
): Promise<StoredCheckpoint[]> {
  const notes: string[] = []
  const names = (await store.list(origin)).filter((name) => /^\d{15}-/.test(name))
  for (const name of names.slice(0, limit)) notes.push(await store.read(origin, name))
  return readSignedCheckpoints(notes, verifierKeys).filter((each) => each.origin === origin)
}

/** The checkpoints in notes. What these keys have not signed is none, and hides none: the others of its chain are there too. */
export function readSignedCheckpoints(
  notes: readonly string[],
  verifierKeys: readonly string[],
): StoredCheckpoint[] {
  return notes.flatMap((note) => {
    const verified = verifyNote(note, verifierKeys)
    const checkpoint = verified.ok ? readCheckpoint(verified.text) : undefined
    return checkpoint ? [{ ...checkpoint, note }] : []
  })
}
