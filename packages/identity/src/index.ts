export { createIdentity, type IdentityOptions } from './create-identity.ts'
export { type GroupRole, type ProviderConfig } from './provider-config.ts'
