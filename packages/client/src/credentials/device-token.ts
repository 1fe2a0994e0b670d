import { sha256 } from '../platform/sha256.ts'
import type { CredentialProvider } from './credential-provider.ts'

const NAME_LENGTH = 8

/**
 * The credential of a device that was given a token (ACC-2). There is nothing to renew: one that is refused needs a
 * person.
 */
export const deviceToken = (token: string): CredentialProvider => ({
  // Too short to try tokens on. Two of one name would be poked for each other's news, no more.
  name: sha256(`fieldsync.credential.v1\n${token}`).slice(0, NAME_LENGTH),
  headers: () => ({ 'x-device-token': token }),
  renew: () => Promise.resolve(false),
})
