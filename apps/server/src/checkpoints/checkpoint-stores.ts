import { type CheckpointStore, NoteSigner } from '@fieldsync/services'

import type { DatabaseEnv } from '../env/database-env.ts'
import { CheckpointBucket } from './checkpoint-bucket.ts'
import { CheckpointFolder } from './checkpoint-folder.ts'

/** Where this server keeps checkpoints: a folder, and a bucket where one is configured (AUD-30). */
export const checkpointStores = ({ checkpoints }: DatabaseEnv): readonly CheckpointStore[] => [
  new CheckpointFolder(checkpoints.folder),
  ...(checkpoints.bucket ? [new CheckpointBucket(checkpoints.bucket)] : []),
]

/** The public keys of this server's checkpoints, earlier ones too. @param key undefined for a server that has none yet */
export const checkpointKeys = ({ checkpoints }: DatabaseEnv, key: Buffer | undefined): string[] => [
  ...(key === undefined ? [] : [new NoteSigner(key).verifierKey]),
  ...checkpoints.earlierKeys,
]
