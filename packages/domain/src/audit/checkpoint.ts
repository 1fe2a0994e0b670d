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
