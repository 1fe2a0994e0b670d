import type { ChainHead } from './chain.ts'

/** The end of a workspace's chain at some time, as a note says it that is kept outside the database (AUD-12). */
export type Checkpoint = ChainHead & { readonly origin: string }

/**
 * Which chain a checkpoint is of. A workspace that was set up again has another one, though it may have the same id.
 * @param workspaceUid random and permanent
 */
export const checkpointOrigin = (workspaceId: string, workspaceUid: string): string =>
  `fieldsync/audit/${workspaceId}/${workspaceUid}`

/** The text that is signed: origin, number and hash of the last row, each on its line. */
export const checkpointText = ({ origin, seq, hash }: Checkpoint): string => `${origin}\n${seq}\n${hash}\n`

const PATTERN =
  /^(?<origin>fieldsync\/audit\/[^\s/]+\/[^\s/]+)\n(?<seq>0|[1-9]\d{0,14})\n(?<hash>[0-9a-f]{64})\n$/

/** What a text of {@link checkpointText} says; undefined for any other. */
export function readCheckpoint(text: string): Checkpoint | undefined {
  const read = PATTERN.exec(text)?.groups as Record<keyof Checkpoint, string> | undefined
  return read && { origin: read.origin, seq: Number(read.seq), hash: read.hash }
}

/** A longer text is no note of a checkpoint. */
export const MAX_CHECKPOINT_NOTE = 512

/** What a signed note says, whoever has signed it; undefined where it is no checkpoint. */
export function checkpointOfNote(note: string): Checkpoint | undefined {
  const end = note.lastIndexOf('\n\n')
  return end === -1 || note.length > MAX_CHECKPOINT_NOTE ? undefined : readCheckpoint(note.slice(0, end + 1))
}

/**
 * Which note a witness stores: the one with the greater number, so that nobody who has cut or rewritten a chain replaces what
 * shows it by an earlier one (ENG-85).
 *
 * @param workspaceUid of the workspace that the witness belongs to, where known: notes of other chains are none
 */
export function witnessedNote(
  stored: string | undefined,
  offered: string,
  workspaceUid: string | null,
): string | undefined {
  const isOfThis = (each: Checkpoint | undefined): each is Checkpoint =>
    each !== undefined && (workspaceUid === null || each.origin.endsWith(`/${workspaceUid}`))
  const next = checkpointOfNote(offered)
  if (!isOfThis(next)) return stored
  const before = stored === undefined ? undefined : checkpointOfNote(stored)
  return isOfThis(before) && before.origin === next.origin && before.seq >= next.seq ? stored : offered
}
