import type { CredentialProvider } from './credential-provider.ts'

/**
 * The credential of a device that was given a token (ACC-2). There is nothing to renew: one that is refused needs a
 * person.
 */
export const deviceToken = (token: string): CredentialProvider => ({
  headers: () => ({ 'x-device-token': token }),
  renew: () => Promise.resolve(false),
})
