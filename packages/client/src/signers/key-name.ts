import type { KeyOwner } from '../credentials/device-signer.ts'
import { serverUrl } from '../http/server-url.ts'
import { sha256 } from '../platform/sha256.ts'

const LENGTH = 32

/** Under which an owner's key is stored: letters, digits and hyphens, which every secret store and file system allows. */
export const keyName = ({ url, name }: KeyOwner): string =>
  `fieldsync-key-${sha256(`fieldsync.key.v1\n${serverUrl(url)}\n${name}`).slice(0, LENGTH)}`
