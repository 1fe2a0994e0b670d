import type { CheckpointStore } from '@fieldsync/services'

import { type BucketOptions, S3Bucket } from '../outbound/s3-bucket.ts'

const END = '.note'

/** Checkpoints as objects of a bucket, by the same paths as in a folder (AUD-12). A store that is down fails each call. */
export class CheckpointBucket implements CheckpointStore {
  readonly name: string
  readonly kind = 'bucket'
  readonly #bucket: S3Bucket

  /** @param limitMs of each call */
  constructor(options: BucketOptions, limitMs?: number) {
    this.name = options.url
    this.#bucket = new S3Bucket(options, limitMs === undefined ? {} : { limitMs })
  }

  /** Names of the checkpoints; whatever else lies there is none. */
  async list(origin: string): Promise<readonly string[]> {
    const folder = `${chainPath(origin)}/`
    const objects = await this.#bucket.list(folder)
    return objects
      .filter(({ key }) => key.endsWith(END))
      .map(({ key }) => key.slice(folder.length, -END.length))
      .toSorted()
      .toReversed()
  }

  read(origin: string, name: string): Promise<string> {
    return this.#bucket.read(keyOf(origin, name))
  }

  /** One that is there stays, whoever writes at the same time. */
  add(origin: string, name: string, note: string): Promise<void> {
    return this.#bucket.add(keyOf(origin, name), note)
  }
}

/** The ids of a workspace have no slash, no dot and nothing that a URL escapes. */
const chainPath = (origin: string): string => origin.split('/').slice(2).join('/')

const keyOf = (origin: string, name: string): string => `${chainPath(origin)}/${name}${END}`
