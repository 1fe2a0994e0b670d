import type { KnownMutant } from './known-mutant.ts'

const services = (path: string): string => `packages/services/src/${path}`
const AUTHENTICATION = ['packages/api/src/oauth/services.pg.test.ts']
const RIGHTS = ['packages/api/src/service-rights.pg.test.ts']
const UNDER_WAY = [services('services/services.pg.test.ts')]
const PEPPER = [services('access/previous-pepper.pg.test.ts')]

/** Mistakes that let a service do more than it was given, and that a change of the pepper would suffer from. */
export const SERVICE_MUTANTS: readonly KnownMutant[] = [
  {
    name: 'bound-token-as-bearer',
    breaks: 'ACC-16, SVC-4: a token that is bound to a key is no bearer token',
    file: services('access/authenticate-proven.ts'),
    find: 'if (proof?.thumbprint !== token.thumbprint)',
    replace: 'if (proof && proof.thumbprint !== token.thumbprint)',
    tests: AUTHENTICATION,
  },
  {
    name: 'secret-as-a-token',
    breaks: 'SVC-4: a secret is accepted at /oauth/token alone',
    file: services('access/client-secret.ts'),
    find: '`fieldsync.client-secret.v1\\n${secret}`',
    replace: 'secret',
    tests: AUTHENTICATION,
  },
  {
    name: 'secret-of-another-service',
    breaks: 'ACC-5, SVC-4: a secret is of its service and workspace',
    file: services('access/client-secret.ts'),
    find: 'WHERE t.workspace_id = $1 AND t.device_id = $2 AND t.token_hash',
    replace: "WHERE $1 <> '' AND $2 <> '' AND t.token_hash",
    tests: RIGHTS,
  },
  {
    name: 'secret-that-has-ended',
    breaks: 'SVC-5: what has ended stays ended',
    file: services('access/client-secret.ts'),
    find: 'if (row.ended)',
    replace: 'if (row.ended === undefined)',
    tests: RIGHTS,
  },
  {
    name: 'tokens-of-a-rotated-secret',
    breaks: 'SVC-5: access tokens end with the secret that they were issued for',
    file: services('access/start-credential.ts'),
    find: 'CASE WHEN $3 THEN epoch + 1 ELSE token_epoch END',
    replace: 'CASE WHEN $3 THEN token_epoch ELSE token_epoch END',
    tests: RIGHTS,
  },
  {
    name: 'key-beside-a-rotated-one',
    breaks: 'SVC-5: the earlier key ends at the first use of the new one',
    file: services('access/start-credential.ts'),
    find: '    if (isService) await endOtherKeys(connection)\n',
    replace: '',
    tests: RIGHTS,
  },
  {
    name: 'writes-for-a-revoked-device',
    breaks: 'SVC-6: no record is created for a revoked device',
    file: services('access/authenticate-proven.ts'),
    find: ' AND o.revoked_at IS NULL\n',
    replace: '\n',
    tests: RIGHTS,
  },
  {
    name: 'write-under-way-for-a-revoked-device',
    breaks: 'SVC-6: revoking a device refuses the writes of services for it that are under way',
    file: services('devices/revoke.ts'),
    find: '            await refuseWritesFor(connection, workspaceId, deviceId)\n',
    replace: '',
    tests: UNDER_WAY,
  },
  {
    name: 'grant-ends-and-a-write-goes-on',
    breaks: 'SVC-6: a change of the grants refuses a write under way',
    file: services('services/grant.ts'),
    find: 'SET service_scope = $3, epoch = epoch + 1,',
    replace: 'SET service_scope = $3,',
    tests: UNDER_WAY,
  },
  {
    name: 'devices-of-other-workspaces-granted',
    breaks: 'ACC-5, SVC-6: a service is granted devices of its workspace',
    file: services('services/stored-service.ts'),
    find: 'WHERE d.workspace_id = $1 AND d.device_id = ANY ($3)',
    replace: 'WHERE d.device_id = ANY ($3)',
    tests: ['apps/server/src/system/isolation.pg.test.ts'],
  },
  {
    name: 'service-as-a-device',
    breaks: 'SVC-2: commands on devices do not find a service',
    file: services('devices/stored-device.ts'),
    find: ' AND d.service_scope IS NULL AND ${which} FOR UPDATE',
    replace: ' AND ${which} FOR UPDATE',
    tests: AUTHENTICATION,
  },
  {
    name: 'token-of-another-audience',
    breaks: 'ACC-23: a token for live weather opens nothing of the API',
    file: services('access/access-token.ts'),
    find: 'audience: addressOf(issuer, audience),',
    replace: 'audience: [issuer, addressOf(issuer, audience)],',
    tests: [services('access/access-token.test.ts')],
  },
  {
    name: 'token-revived-by-a-new-pepper',
    breaks: 'ACC-12, ACC-22: a token that has ended under the previous pepper stays ended',
    file: services('devices/ensure-configured.ts'),
    find: 'await rehashToken(connection, peppers, { from: known.tokenHash, to: hashes[0] })',
    replace: '',
    tests: PEPPER,
  },
  {
    name: 'token-of-the-previous-pepper-stays-there',
    breaks: 'ACC-22: a token is stored under the present pepper once it is used',
    file: services('access/device-token.ts'),
    find: 'FROM durability WHERE token_hash = $1`',
    replace: 'FROM durability WHERE token_hash = $1 AND false`',
    tests: PEPPER,
  },
]
