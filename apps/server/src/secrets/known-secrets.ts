import type { ServerEnv } from '../env/server-env.ts'

/** Every secret from the environment, so that no text written by this process shows one. */
export function secretsOf(env: ServerEnv): string[] {
  const { external, pepper } = env.database
  const passwords = [external?.appUrl, external?.ownerUrl].flatMap((url) => {
    const password = url === undefined ? '' : new URL(url).password
    return [password, decodeURIComponent(password)]
  })
  const tokens = env.deviceTokens.map((device) => device.token)
  return [...passwords, ...tokens, ...(pepper === undefined ? [] : [pepper])].filter(
    (secret) => secret !== '',
  )
}
