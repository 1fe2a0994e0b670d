import type { CheckpointStore } from '@fieldsync/services'

import type { DatabaseEnv } from '../env/database-env.ts'
import { CheckpointBucket } from './checkpoint-bucket.ts'
import { CheckpointFolder } from './checkpoint-folder.ts'

/** Where this server keeps checkpoints: a folder, and a bucket where one is configured (AUD-30). */
export const checkpointStores = ({ checkpoints }: DatabaseEnv): readonly CheckpointStore[] => [
  new CheckpointFolder(checkpoints.folder),
  ...(checkpoints.bucket ? [new CheckpointBucket(checkpoints.bucket)] : []),
]
